//! QEMU's functions are found when QEMU loads the plugin; only macOS has to be told so.

fn main() {
    if std::env::var("CARGO_CFG_TARGET_VENDOR").as_deref() == Ok("apple") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-undefined,dynamic_lookup");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
