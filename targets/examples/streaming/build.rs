//! The board's memory map and the model.

fn main() {
    if let Ok(board) = std::env::var("SMIDGE_BOARD") {
        smidge_build::memory_map(format!("{board}/memory.x"));
    }
    let folder = "../../../hil-tests/models/whistles";
    smidge_build::Model::new(format!("{folder}/whistles_int8.tflite"))
        .name("whistles")
        .labels(format!("{folder}/labels.txt"))
        .arena_budget(12 << 10)
        .flash_budget(12 << 10)
        .compile();
}
