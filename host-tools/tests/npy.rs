//! NumPy array files: what is written is read back, and wrong files give errors.

use std::fs;
use std::path::PathBuf;

use smidge_graph::DType;
use smidge_tools::npy::{Array, NpyError, read, write};
use tempfile::TempDir;

/// A folder for one test, and the path of a file in it.
fn scratch() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("array.npy");
    (folder, path)
}

/// A version 1 file with this header text.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn header(descr: &str, fortran_order: bool, shape: &str) -> String {
    let order = if fortran_order { "True" } else { "False" };
    format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n")
}

fn read_bytes(bytes: &[u8]) -> Result<Array, NpyError> {
    let (_folder, path) = scratch();
    fs::write(&path, bytes).expect("a writable folder");
    read(&path)
}

fn check_error(bytes: &[u8], code: &str) {
    let error = read_bytes(bytes).expect_err("a wrong file");
    assert_eq!(error.code(), code, "{error}");
    let message = error.to_string();
    assert!(message.starts_with(code) && message.contains("array.npy"), "{message}");
}

#[test]
fn every_type_comes_back() {
    let types = [
        (DType::Bool, 1),
        (DType::I8, 1),
        (DType::U8, 1),
        (DType::I16, 2),
        (DType::U16, 2),
        (DType::F16, 2),
        (DType::I32, 4),
        (DType::U32, 4),
        (DType::F32, 4),
        (DType::I64, 8),
        (DType::U64, 8),
        (DType::F64, 8),
    ];
    let (_folder, path) = scratch();
    for (dtype, size) in types {
        for shape in [vec![], vec![1], vec![2, 3], vec![0, 5], vec![1; 8]] {
            let count: usize = shape.iter().product();
            let data = (0..count * size).map(|byte| byte as u8 & 1).collect();
            let array = Array { dtype, shape, data };
            write(&path, &array).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(read(&path).unwrap_or_else(|error| panic!("{error}")), array);
        }
    }
}

#[test]
fn what_numpy_writes_is_read() {
    // numpy.save of numpy.array([[1, 2, 3], [4, 5, 6]], '>i2', order='F')
    let text = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }";
    let bytes = file(&format!("{text:117}\n"), &[0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6]);
    let array = read_bytes(&bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((array.dtype, array.shape.as_slice()), (DType::I16, &[2, 3][..]));
    assert_eq!(array.data, [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
}

#[test]
fn version_2_headers_are_read() {
    let text = header("|i1", false, "(2,)");
    let mut bytes = b"\x93NUMPY\x02\0".to_vec();
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend([1, 2]);
    assert_eq!(read_bytes(&bytes).map(|array| array.data).ok(), Some(vec![1, 2]));
}

#[test]
fn fortran_order_of_three_axes() {
    // Element [i, j, k] holds 100 i + 10 j + k.
    let mut stored = Vec::new();
    for k in 0..4_u8 {
        for j in 0..3 {
            stored.extend((0..2).map(|i| 100 * i + 10 * j + k));
        }
    }
    let array = read_bytes(&file(&header("|u1", true, "(2, 3, 4)"), &stored));
    let array = array.unwrap_or_else(|error| panic!("{error}"));
    let value = |(i, j, k): (u8, u8, u8)| 100 * i + 10 * j + k;
    let indices = (0..2).flat_map(|i| (0..3).flat_map(move |j| (0..4).map(move |k| (i, j, k))));
    assert_eq!(array.data, indices.map(value).collect::<Vec<_>>());
}

#[test]
fn an_array_without_elements_in_fortran_order() {
    let array = read_bytes(&file(&header("<f4", true, "(3, 0)"), &[]));
    assert_eq!(array.map(|array| array.data.len()).ok(), Some(0));
}

#[test]
fn wrong_content() {
    let good = header("<f4", false, "(1,)");
    check_error(b"", "E0202");
    check_error(b"PK\x03\x04 something else entirely", "E0202");
    check_error(&file("nonsense", &[]), "E0202");
    check_error(&file(&header("<f4", false, "7"), &[]), "E0202");
    check_error(&file(&header("<f4", false, "(-1,)"), &[]), "E0202");
    check_error(&file(&header("<c8", false, "(1,)"), &[0; 8]), "E0203");
    check_error(&file(&header("|S4", false, "(1,)"), &[0; 4]), "E0203");
    check_error(&file(&header("|O", false, "(1,)"), &[0; 4]), "E0203");
    check_error(&file(&header("<f4", false, "(1,1,1,1,1,1,1,1,1)"), &[0; 4]), "E0204");
    check_error(&file(&header("<f4", false, "(3000000000,)"), &[]), "E0204");
    check_error(&file(&good, &[0; 3]), "E0205");
    check_error(&file(&good, &[0; 5]), "E0205");
}

#[test]
fn headers_made_to_harm() {
    let deep = "(".repeat(4000);
    check_error(&file(&deep, &[]), "E0202");
    let huge = header("<f4", false, "(18446744073709551615, 18446744073709551615)");
    check_error(&file(&huge, &[]), "E0202");
    // Claims 8 GB that are not there.
    check_error(&file(&header("<f4", false, "(2147483647,)"), &[0; 4]), "E0205");
    check_error(b"\x93NUMPY\x02\0\xff\xff\xff\xff", "E0202");
    check_error(b"\x93NUMPY\x09\0\x02\0\0\0{}", "E0202");
}

#[test]
fn changed_files_never_panic() {
    let good = file(&header("<f4", false, "(2, 3)"), &[0; 24]);
    assert!(read_bytes(&good).is_ok());
    let (_folder, path) = scratch();
    let survive = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("a writable folder");
        if let Ok(array) = read(&path) {
            let needed = array.dtype.byte_len(array.shape.iter().product());
            assert_eq!(needed, Some(array.data.len()));
        }
    };
    for len in 0..good.len() {
        survive(&good[..len]);
    }
    for bit in 0..good.len() * 8 {
        let mut changed = good.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        survive(&changed);
    }
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let (folder, path) = scratch();
    let array = |shape: &[usize], data: &[u8]| Array {
        dtype: DType::I8,
        shape: shape.to_vec(),
        data: data.to_vec(),
    };
    write(&path, &array(&[2], &[1, 2])).unwrap_or_else(|error| panic!("{error}"));

    let error = write(&path, &array(&[3], &[1, 2])).expect_err("not enough data");
    assert_eq!(error.code(), "E0207");
    let error = write(&path, &Array { dtype: DType::I4, ..array(&[2], &[1]) });
    assert_eq!(error.expect_err("NumPy has no 4-bit type").code(), "E0207");
    assert_eq!(read(&path).map(|array| array.data).ok(), Some(vec![1, 2]));

    // A folder is in the way of the last step.
    let blocked = folder.path().join("blocked.npy");
    fs::create_dir(&blocked).expect("a writable folder");
    let error = write(&blocked, &array(&[2], &[1, 2])).expect_err("a folder is there");
    assert_eq!(error.code(), "E0206");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);

    let error = write(&folder.path().join("no/such.npy"), &array(&[2], &[1, 2]));
    assert_eq!(error.expect_err("no such folder").code(), "E0206");
    assert_eq!(read(&folder.path().join("absent.npy")).map_err(|e| e.code()), Err("E0201"));
}
