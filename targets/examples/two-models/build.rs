//! The board's memory map and the models.

fn main() {
    let board = std::env::var("SMIDGE_BOARD").expect("run cargo in a board's folder");
    smidge_build::memory_map(format!("{board}/memory.x"));
    smidge_build::Model::new("../../../hil-tests/models/fashion/fashion_int8.tflite")
        .name("fashion")
        .labels("../../../hil-tests/models/fashion/labels.txt")
        .arena_budget(32 << 10)
        .flash_budget(48 << 10)
        .compile();
}
