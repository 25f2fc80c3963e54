//! Quantization arithmetic and observers of smidge.
