//! Removing channels from a real network, where it is installed.

use smidge::Model;
use smidge_format::{AlignedBuf, Isa};
use smidge_tools::arrays;
use smidge_tools::convert::{Converted, convert};
use smidge_tools::emit::Labels;
use smidge_tools::execute::execute;
use smidge_tools::inspect::inspect;
use smidge_tools::lower::{Channels, Options};
use smidge_tools::npy;
use smidge_tools::testdata::models_dir;
use std::path::Path;

fn converted(folder: &Path, channels: Channels) -> Converted {
    let options = Options { channels, ..Options::default() };
    let labels = Labels::default();
    convert(&folder.join("model.tflite"), Isa::Portable, &options, &labels).unwrap()
}

fn outputs(folder: &Path, converted: &Converted) -> Vec<Vec<Vec<u8>>> {
    let bytes = AlignedBuf::from(converted.bytes.as_slice());
    let model = Model::check(&bytes, smidge::ops::ALL).unwrap();
    let input = npy::read(&folder.join("inputs.npy")).unwrap();
    let samples = arrays::samples(&model, &[input]).unwrap();
    execute(&model, &samples, false).unwrap().outputs
}

#[test]
fn half_of_a_network_that_detects_people_is_dead() {
    let Some(models) = models_dir() else {
        return println!("skipped: real models are not installed");
    };
    let folder = models.join("mlperf_vww_int8");
    let kept = converted(&folder, Channels::Auto);
    assert_eq!(kept.removed.channels, 0, "a portable blob keeps all");
    let dropped = converted(&folder, Channels::Drop);
    assert_eq!(outputs(&folder, &kept), outputs(&folder, &dropped));
    assert_eq!(dropped.removed.macs, 3_756_591);
    assert_eq!(dropped.program.macs(), 7_489_664);
    assert_eq!(dropped.program.live_macs(), 3_733_073);

    let bytes = AlignedBuf::from(dropped.bytes.as_slice());
    let inspection = inspect(&Model::check(&bytes, smidge::ops::ALL).unwrap());
    assert_eq!((inspection.macs, inspection.live_macs), (7_489_664, 3_733_073));
}

#[test]
fn which_blobs_lose_channels() {
    assert!(!Channels::Auto.drops(Isa::Portable));
    for isa in Isa::ALL.iter().filter(|&&isa| isa != Isa::Portable) {
        assert!(Channels::Auto.drops(*isa) && !Channels::Keep.drops(*isa));
    }
    assert!(Channels::Drop.drops(Isa::Portable));
}
