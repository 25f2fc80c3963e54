//! Takes the options that smidge gives `ssh`, and runs the script in a folder of this computer.

use std::io::{self, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use smidge_fakes::Bench;

fn main() -> ExitCode {
    let bench = Bench::of_program();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let at = arguments.iter().position(|word| word == "--").expect("options end with --");
    let [host, script] = &arguments[at + 1..] else { panic!("host and script: {arguments:?}") };
    let lines = script.replace('\n', " ");
    bench.note(&format!("ssh {host} {lines}")).expect("the bench can be written");
    if host.ends_with("nobody") {
        eprintln!("ssh: connect to host nobody port 22: Connection refused");
        return ExitCode::from(255);
    }
    let setup = bench.setup();
    if script.contains("device-tree") && !setup.model.is_empty() {
        print!("{}\0", setup.model);
        return ExitCode::SUCCESS;
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).current_dir(bench.home());
    if !script.contains("./infer") && !script.contains("./'infer") || setup.fault.is_empty() {
        let status = shell.status().expect("there is a shell");
        return ExitCode::from(status.code().unwrap_or(1) as u8);
    }
    // The connection breaks after so many bytes of the replies.
    let mut child = shell.stdout(Stdio::piped()).spawn().expect("there is a shell");
    let mut first = Vec::new();
    let pipe = child.stdout.take().expect("it is piped");
    pipe.take(setup.at as u64).read_to_end(&mut first).expect("the pipe can be read");
    io::stdout().write_all(&first).and_then(|()| io::stdout().flush()).expect("somebody listens");
    if setup.fault == "silence" {
        std::thread::sleep(Duration::from_secs(600));
    }
    child.kill().expect("it runs or has ended");
    child.wait().expect("it has ended");
    eprintln!("client_loop: send disconnect: Broken pipe");
    ExitCode::from(255)
}
