//! Two networks take turns in one arena, which is as long as the longer of theirs: one looks at
//! images, the other listens. Prints what they find, the arena and the stack that was used.

#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use fashion::Fashion;
use smidge_board::{exit_code, print, print_u32, stack};
use whistles::Whistles;

smidge::include_model!(fashion);
smidge::include_model!(whistles);

const ARENA_LEN: usize = smidge::longest(&[fashion::ARENA_LEN, whistles::ARENA_LEN]);

static IMAGES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/images"));
static SOUND: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sound"));

smidge_board::entry!(program, ARENA_LEN);

fn program(arena: &'static mut [u8]) -> u32 {
    for image in IMAGES.as_chunks().0 {
        // The arena is the other network's as soon as this one is out of use.
        let (Some(piece), Some(word)) = (look(image, arena), listen(arena)) else {
            return exit_code::FAILURE;
        };
        print(piece);
        print(", ");
        print(word);
        print("\n");
    }
    tell("arena of fashion: ", fashion::ARENA_LEN as u32);
    tell("arena of whistles: ", whistles::ARENA_LEN as u32);
    tell("arena of both: ", ARENA_LEN as u32);
    tell("stack: ", stack::peak());
    exit_code::SUCCESS
}

/// What an image shows.
fn look(image: &[u8; size_of::<fashion::Input>()], arena: &mut [u8]) -> Option<&'static str> {
    let scores = Fashion::new_in(arena).ok()?.run(&image.map(|byte| byte as i8)).ok()?;
    best(&scores, &fashion::LABELS)
}

/// The word in the sound.
fn listen(arena: &mut [u8]) -> Option<&'static str> {
    let mut network = Whistles::new_in(arena).ok()?;
    // The input in its place, without a copy on the stack.
    for (to, from) in network.input().ok()?.iter_mut().zip(SOUND) {
        *to = *from as i8;
    }
    network.session().invoke().ok()?;
    best(network.output().ok()?, &whistles::LABELS)
}

/// The label with the greatest score.
fn best(scores: &[i8], labels: &[&'static str]) -> Option<&'static str> {
    let scored = scores.iter().zip(labels);
    scored.max_by_key(|(score, _)| **score).map(|(_, label)| *label)
}

fn tell(what: &str, bytes: u32) {
    print(what);
    print_u32(bytes);
    print(" bytes\n");
}
