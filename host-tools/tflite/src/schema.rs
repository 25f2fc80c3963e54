// Written by `cargo run -p smidge-tflite-generate` from schema/tflite.fbs. Do not edit.

pub use root::*;
const _: () = ::planus::check_version_compatibility("planus-1.3.0");
#[no_implicit_prelude]
#[allow(clippy::needless_lifetimes)]
mod root {
    pub mod tflite {
        #[repr(i8)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum TensorType {
            Float32 = 0,
            Float16 = 1,
            Int32 = 2,
            Uint8 = 3,
            Int64 = 4,
            String = 5,
            Bool = 6,
            Int16 = 7,
            Complex64 = 8,
            Int8 = 9,
            Float64 = 10,
            Complex128 = 11,
            Uint64 = 12,
            Resource = 13,
            Variant = 14,
            Uint32 = 15,
            Uint16 = 16,
            Int4 = 17,
            Bfloat16 = 18,
            Int2 = 19,
            Uint4 = 20,
            Float8E4m3Fn = 21,
            Float8E5m2 = 22,
        }
        impl ::core::convert::TryFrom<i8> for TensorType {
            type Error = ::planus::errors::UnknownEnumTagKind;
            #[inline]
            fn try_from(
                value: i8,
            ) -> ::core::result::Result<Self, ::planus::errors::UnknownEnumTagKind> {
                #[allow(clippy::match_single_binding)]
                match value {
                    0 => ::core::result::Result::Ok(TensorType::Float32),
                    1 => ::core::result::Result::Ok(TensorType::Float16),
                    2 => ::core::result::Result::Ok(TensorType::Int32),
                    3 => ::core::result::Result::Ok(TensorType::Uint8),
                    4 => ::core::result::Result::Ok(TensorType::Int64),
                    5 => ::core::result::Result::Ok(TensorType::String),
                    6 => ::core::result::Result::Ok(TensorType::Bool),
                    7 => ::core::result::Result::Ok(TensorType::Int16),
                    8 => ::core::result::Result::Ok(TensorType::Complex64),
                    9 => ::core::result::Result::Ok(TensorType::Int8),
                    10 => ::core::result::Result::Ok(TensorType::Float64),
                    11 => ::core::result::Result::Ok(TensorType::Complex128),
                    12 => ::core::result::Result::Ok(TensorType::Uint64),
                    13 => ::core::result::Result::Ok(TensorType::Resource),
                    14 => ::core::result::Result::Ok(TensorType::Variant),
                    15 => ::core::result::Result::Ok(TensorType::Uint32),
                    16 => ::core::result::Result::Ok(TensorType::Uint16),
                    17 => ::core::result::Result::Ok(TensorType::Int4),
                    18 => ::core::result::Result::Ok(TensorType::Bfloat16),
                    19 => ::core::result::Result::Ok(TensorType::Int2),
                    20 => ::core::result::Result::Ok(TensorType::Uint4),
                    21 => ::core::result::Result::Ok(TensorType::Float8E4m3Fn),
                    22 => ::core::result::Result::Ok(TensorType::Float8E5m2),
                    _ => ::core::result::Result::Err(::planus::errors::UnknownEnumTagKind {
                        tag: value as i128,
                    }),
                }
            }
        }
        impl<'buf> ::planus::TableRead<'buf> for TensorType {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'buf>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                let n: i8 = ::planus::TableRead::from_buffer(buffer, offset)?;
                ::core::result::Result::Ok(::core::convert::TryInto::try_into(n)?)
            }
        }
        #[repr(i8)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Padding {
            Same = 0,
            Valid = 1,
        }
        impl ::core::convert::TryFrom<i8> for Padding {
            type Error = ::planus::errors::UnknownEnumTagKind;
            #[inline]
            fn try_from(
                value: i8,
            ) -> ::core::result::Result<Self, ::planus::errors::UnknownEnumTagKind> {
                #[allow(clippy::match_single_binding)]
                match value {
                    0 => ::core::result::Result::Ok(Padding::Same),
                    1 => ::core::result::Result::Ok(Padding::Valid),
                    _ => ::core::result::Result::Err(::planus::errors::UnknownEnumTagKind {
                        tag: value as i128,
                    }),
                }
            }
        }
        impl<'buf> ::planus::TableRead<'buf> for Padding {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'buf>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                let n: i8 = ::planus::TableRead::from_buffer(buffer, offset)?;
                ::core::result::Result::Ok(::core::convert::TryInto::try_into(n)?)
            }
        }
        #[repr(i8)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Activation {
            None = 0,
            Relu = 1,
            ReluN1To1 = 2,
            Relu6 = 3,
            Tanh = 4,
            SignBit = 5,
        }
        impl ::core::convert::TryFrom<i8> for Activation {
            type Error = ::planus::errors::UnknownEnumTagKind;
            #[inline]
            fn try_from(
                value: i8,
            ) -> ::core::result::Result<Self, ::planus::errors::UnknownEnumTagKind> {
                #[allow(clippy::match_single_binding)]
                match value {
                    0 => ::core::result::Result::Ok(Activation::None),
                    1 => ::core::result::Result::Ok(Activation::Relu),
                    2 => ::core::result::Result::Ok(Activation::ReluN1To1),
                    3 => ::core::result::Result::Ok(Activation::Relu6),
                    4 => ::core::result::Result::Ok(Activation::Tanh),
                    5 => ::core::result::Result::Ok(Activation::SignBit),
                    _ => ::core::result::Result::Err(::planus::errors::UnknownEnumTagKind {
                        tag: value as i128,
                    }),
                }
            }
        }
        impl<'buf> ::planus::TableRead<'buf> for Activation {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'buf>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                let n: i8 = ::planus::TableRead::from_buffer(buffer, offset)?;
                ::core::result::Result::Ok(::core::convert::TryInto::try_into(n)?)
            }
        }
        #[repr(i8)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum WeightsFormat {
            Default = 0,
            Shuffled4x16Int8 = 1,
        }
        impl ::core::convert::TryFrom<i8> for WeightsFormat {
            type Error = ::planus::errors::UnknownEnumTagKind;
            #[inline]
            fn try_from(
                value: i8,
            ) -> ::core::result::Result<Self, ::planus::errors::UnknownEnumTagKind> {
                #[allow(clippy::match_single_binding)]
                match value {
                    0 => ::core::result::Result::Ok(WeightsFormat::Default),
                    1 => ::core::result::Result::Ok(WeightsFormat::Shuffled4x16Int8),
                    _ => ::core::result::Result::Err(::planus::errors::UnknownEnumTagKind {
                        tag: value as i128,
                    }),
                }
            }
        }
        impl<'buf> ::planus::TableRead<'buf> for WeightsFormat {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'buf>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                let n: i8 = ::planus::TableRead::from_buffer(buffer, offset)?;
                ::core::result::Result::Ok(::core::convert::TryInto::try_into(n)?)
            }
        }
        #[derive(Clone, Copy)]
        pub struct UnreadRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> UnreadRef<'a> {}
        impl<'a> ::planus::TableRead<'a> for UnreadRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        impl<'a> ::planus::VectorReadInner<'a> for UnreadRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;
            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[UnreadRef]", "get", buffer.offset_from_start)
                })
            }
        }
        #[derive(Clone, Copy)]
        pub enum QuantizationDetailsRef<'a> {
            Custom(self::UnreadRef<'a>),
            Blockwise(self::UnreadRef<'a>),
            MultiAxis(self::UnreadRef<'a>),
        }
        impl<'a> ::planus::TableReadUnion<'a> for QuantizationDetailsRef<'a> {
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                tag: u8,
                field_offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                match tag {
                    1 => ::core::result::Result::Ok(Self::Custom(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    2 => ::core::result::Result::Ok(Self::Blockwise(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    3 => ::core::result::Result::Ok(Self::MultiAxis(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    _ => {
                        ::core::result::Result::Err(::planus::errors::ErrorKind::UnknownUnionTag {
                            tag,
                        })
                    }
                }
            }
        }
        #[derive(Clone, Copy)]
        pub struct QuantizationRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> QuantizationRef<'a> {
            #[inline]
            pub fn min(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, f32>>> {
                self.0.access(0, "Quantization", "min")
            }
            #[inline]
            pub fn max(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, f32>>> {
                self.0.access(1, "Quantization", "max")
            }
            #[inline]
            pub fn scale(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, f32>>> {
                self.0.access(2, "Quantization", "scale")
            }
            #[inline]
            pub fn zero_point(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i64>>> {
                self.0.access(3, "Quantization", "zero_point")
            }
            #[inline]
            pub fn details(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::QuantizationDetailsRef<'a>>>
            {
                self.0.access_union(4, "Quantization", "details")
            }
            #[inline]
            pub fn quantized_dimension(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(6, "Quantization", "quantized_dimension")?.unwrap_or(0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for QuantizationRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[repr(i8)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum DimensionFormat {
            Dense = 0,
            SparseCsr = 1,
        }
        impl ::core::convert::TryFrom<i8> for DimensionFormat {
            type Error = ::planus::errors::UnknownEnumTagKind;
            #[inline]
            fn try_from(
                value: i8,
            ) -> ::core::result::Result<Self, ::planus::errors::UnknownEnumTagKind> {
                #[allow(clippy::match_single_binding)]
                match value {
                    0 => ::core::result::Result::Ok(DimensionFormat::Dense),
                    1 => ::core::result::Result::Ok(DimensionFormat::SparseCsr),
                    _ => ::core::result::Result::Err(::planus::errors::UnknownEnumTagKind {
                        tag: value as i128,
                    }),
                }
            }
        }
        impl<'buf> ::planus::TableRead<'buf> for DimensionFormat {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'buf>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                let n: i8 = ::planus::TableRead::from_buffer(buffer, offset)?;
                ::core::result::Result::Ok(::core::convert::TryInto::try_into(n)?)
            }
        }
        #[derive(Clone, Copy)]
        pub struct Int32VectorRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> Int32VectorRef<'a> {
            #[inline]
            pub fn values(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(0, "Int32Vector", "values")
            }
        }
        impl<'a> ::planus::TableRead<'a> for Int32VectorRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct Uint16VectorRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> Uint16VectorRef<'a> {
            #[inline]
            pub fn values(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, u16>>> {
                self.0.access(0, "Uint16Vector", "values")
            }
        }
        impl<'a> ::planus::TableRead<'a> for Uint16VectorRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct Uint8VectorRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> Uint8VectorRef<'a> {
            #[inline]
            pub fn values(&self) -> ::planus::Result<::core::option::Option<&'a [u8]>> {
                self.0.access(0, "Uint8Vector", "values")
            }
        }
        impl<'a> ::planus::TableRead<'a> for Uint8VectorRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub enum IndexVectorRef<'a> {
            Int32(self::Int32VectorRef<'a>),
            Uint16(self::Uint16VectorRef<'a>),
            Uint8(self::Uint8VectorRef<'a>),
        }
        impl<'a> ::planus::TableReadUnion<'a> for IndexVectorRef<'a> {
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                tag: u8,
                field_offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                match tag {
                    1 => ::core::result::Result::Ok(Self::Int32(::planus::TableRead::from_buffer(
                        buffer,
                        field_offset,
                    )?)),
                    2 => ::core::result::Result::Ok(Self::Uint16(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    3 => ::core::result::Result::Ok(Self::Uint8(::planus::TableRead::from_buffer(
                        buffer,
                        field_offset,
                    )?)),
                    _ => {
                        ::core::result::Result::Err(::planus::errors::ErrorKind::UnknownUnionTag {
                            tag,
                        })
                    }
                }
            }
        }
        #[derive(Clone, Copy)]
        pub struct DimensionRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> DimensionRef<'a> {
            #[inline]
            pub fn format(&self) -> ::planus::Result<self::DimensionFormat> {
                ::core::result::Result::Ok(
                    self.0
                        .access(0, "Dimension", "format")?
                        .unwrap_or(self::DimensionFormat::Dense),
                )
            }
            #[inline]
            pub fn dense_size(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "Dimension", "dense_size")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn segments(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::IndexVectorRef<'a>>> {
                self.0.access_union(2, "Dimension", "segments")
            }
            #[inline]
            pub fn indices(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::IndexVectorRef<'a>>> {
                self.0.access_union(4, "Dimension", "indices")
            }
        }
        impl<'a> ::planus::TableRead<'a> for DimensionRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        impl<'a> ::planus::VectorReadInner<'a> for DimensionRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;
            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location(
                        "[DimensionRef]",
                        "get",
                        buffer.offset_from_start,
                    )
                })
            }
        }
        #[derive(Clone, Copy)]
        pub struct SparsityRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> SparsityRef<'a> {
            #[inline]
            pub fn traversal_order(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(0, "Sparsity", "traversal_order")
            }
            #[inline]
            pub fn block_map(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(1, "Sparsity", "block_map")
            }
            #[inline]
            pub fn dimensions(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::DimensionRef<'a>>>,
                >,
            > {
                self.0.access(2, "Sparsity", "dimensions")
            }
        }
        impl<'a> ::planus::TableRead<'a> for SparsityRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct TensorRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> TensorRef<'a> {
            #[inline]
            pub fn shape(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(0, "Tensor", "shape")
            }
            #[inline]
            pub fn type_(&self) -> ::planus::Result<self::TensorType> {
                ::core::result::Result::Ok(
                    self.0.access(1, "Tensor", "type_")?.unwrap_or(self::TensorType::Float32),
                )
            }
            #[inline]
            pub fn buffer(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(2, "Tensor", "buffer")?.unwrap_or(0))
            }
            #[inline]
            pub fn name(
                &self,
            ) -> ::planus::Result<::core::option::Option<&'a ::core::primitive::str>> {
                self.0.access(3, "Tensor", "name")
            }
            #[inline]
            pub fn quantization(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::QuantizationRef<'a>>> {
                self.0.access(4, "Tensor", "quantization")
            }
            #[inline]
            pub fn is_variable(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(5, "Tensor", "is_variable")?.unwrap_or(false),
                )
            }
            #[inline]
            pub fn sparsity(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::SparsityRef<'a>>> {
                self.0.access(6, "Tensor", "sparsity")
            }
            #[inline]
            pub fn shape_signature(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(7, "Tensor", "shape_signature")
            }
            #[inline]
            pub fn has_rank(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(self.0.access(8, "Tensor", "has_rank")?.unwrap_or(false))
            }
            #[inline]
            pub fn variant_tensors(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<::planus::Vector<'a, ::planus::Result<self::UnreadRef<'a>>>>,
            > {
                self.0.access(9, "Tensor", "variant_tensors")
            }
            #[inline]
            pub fn external_buffer(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(
                    self.0.access(10, "Tensor", "external_buffer")?.unwrap_or(0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for TensorRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        impl<'a> ::planus::VectorReadInner<'a> for TensorRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;
            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[TensorRef]", "get", buffer.offset_from_start)
                })
            }
        }
        #[derive(Clone, Copy)]
        pub struct Conv2dOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> Conv2dOptionsRef<'a> {
            #[inline]
            pub fn padding(&self) -> ::planus::Result<self::Padding> {
                ::core::result::Result::Ok(
                    self.0.access(0, "Conv2dOptions", "padding")?.unwrap_or(self::Padding::Same),
                )
            }
            #[inline]
            pub fn stride_w(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "Conv2dOptions", "stride_w")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn stride_h(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(2, "Conv2dOptions", "stride_h")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(3, "Conv2dOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn dilation_w(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(4, "Conv2dOptions", "dilation_w")?.unwrap_or(1),
                )
            }
            #[inline]
            pub fn dilation_h(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(5, "Conv2dOptions", "dilation_h")?.unwrap_or(1),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for Conv2dOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct DepthwiseConv2dOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> DepthwiseConv2dOptionsRef<'a> {
            #[inline]
            pub fn padding(&self) -> ::planus::Result<self::Padding> {
                ::core::result::Result::Ok(
                    self.0
                        .access(0, "DepthwiseConv2dOptions", "padding")?
                        .unwrap_or(self::Padding::Same),
                )
            }
            #[inline]
            pub fn stride_w(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "DepthwiseConv2dOptions", "stride_w")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn stride_h(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(2, "DepthwiseConv2dOptions", "stride_h")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn depth_multiplier(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(3, "DepthwiseConv2dOptions", "depth_multiplier")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(4, "DepthwiseConv2dOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn dilation_w(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(5, "DepthwiseConv2dOptions", "dilation_w")?.unwrap_or(1),
                )
            }
            #[inline]
            pub fn dilation_h(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(6, "DepthwiseConv2dOptions", "dilation_h")?.unwrap_or(1),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for DepthwiseConv2dOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct Pool2dOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> Pool2dOptionsRef<'a> {
            #[inline]
            pub fn padding(&self) -> ::planus::Result<self::Padding> {
                ::core::result::Result::Ok(
                    self.0.access(0, "Pool2dOptions", "padding")?.unwrap_or(self::Padding::Same),
                )
            }
            #[inline]
            pub fn stride_w(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "Pool2dOptions", "stride_w")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn stride_h(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(2, "Pool2dOptions", "stride_h")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn filter_w(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(3, "Pool2dOptions", "filter_w")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn filter_h(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(4, "Pool2dOptions", "filter_h")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(5, "Pool2dOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for Pool2dOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct FullyConnectedOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> FullyConnectedOptionsRef<'a> {
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(0, "FullyConnectedOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn weights_format(&self) -> ::planus::Result<self::WeightsFormat> {
                ::core::result::Result::Ok(
                    self.0
                        .access(1, "FullyConnectedOptions", "weights_format")?
                        .unwrap_or(self::WeightsFormat::Default),
                )
            }
            #[inline]
            pub fn keep_num_dims(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(2, "FullyConnectedOptions", "keep_num_dims")?.unwrap_or(false),
                )
            }
            #[inline]
            pub fn asymmetric_quantize_inputs(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(3, "FullyConnectedOptions", "asymmetric_quantize_inputs")?
                        .unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for FullyConnectedOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct SoftmaxOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> SoftmaxOptionsRef<'a> {
            #[inline]
            pub fn beta(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "SoftmaxOptions", "beta")?.unwrap_or(0.0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for SoftmaxOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct ConcatenationOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> ConcatenationOptionsRef<'a> {
            #[inline]
            pub fn axis(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "ConcatenationOptions", "axis")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(1, "ConcatenationOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for ConcatenationOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct AddOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> AddOptionsRef<'a> {
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0.access(0, "AddOptions", "activation")?.unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn pot_scale_int16(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(1, "AddOptions", "pot_scale_int16")?.unwrap_or(true),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for AddOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct SubOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> SubOptionsRef<'a> {
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0.access(0, "SubOptions", "activation")?.unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn pot_scale_int16(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(1, "SubOptions", "pot_scale_int16")?.unwrap_or(true),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for SubOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct MulOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> MulOptionsRef<'a> {
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0.access(0, "MulOptions", "activation")?.unwrap_or(self::Activation::None),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for MulOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct ReshapeOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> ReshapeOptionsRef<'a> {
            #[inline]
            pub fn new_shape(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(0, "ReshapeOptions", "new_shape")
            }
        }
        impl<'a> ::planus::TableRead<'a> for ReshapeOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct ReducerOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> ReducerOptionsRef<'a> {
            #[inline]
            pub fn keep_dims(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(0, "ReducerOptions", "keep_dims")?.unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for ReducerOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct SqueezeOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> SqueezeOptionsRef<'a> {
            #[inline]
            pub fn squeeze_dims(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(0, "SqueezeOptions", "squeeze_dims")
            }
        }
        impl<'a> ::planus::TableRead<'a> for SqueezeOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct SplitOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> SplitOptionsRef<'a> {
            #[inline]
            pub fn num_splits(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "SplitOptions", "num_splits")?.unwrap_or(0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for SplitOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct StridedSliceOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> StridedSliceOptionsRef<'a> {
            #[inline]
            pub fn begin_mask(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "StridedSliceOptions", "begin_mask")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn end_mask(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "StridedSliceOptions", "end_mask")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn ellipsis_mask(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(2, "StridedSliceOptions", "ellipsis_mask")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn new_axis_mask(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(3, "StridedSliceOptions", "new_axis_mask")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn shrink_axis_mask(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(4, "StridedSliceOptions", "shrink_axis_mask")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn offset(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(5, "StridedSliceOptions", "offset")?.unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for StridedSliceOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct LeakyReluOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> LeakyReluOptionsRef<'a> {
            #[inline]
            pub fn alpha(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "LeakyReluOptions", "alpha")?.unwrap_or(0.0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for LeakyReluOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct SvdfOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> SvdfOptionsRef<'a> {
            #[inline]
            pub fn rank(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(0, "SvdfOptions", "rank")?.unwrap_or(0))
            }
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(1, "SvdfOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn asymmetric_quantize_inputs(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(2, "SvdfOptions", "asymmetric_quantize_inputs")?.unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for SvdfOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct RnnOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> RnnOptionsRef<'a> {
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0.access(0, "RnnOptions", "activation")?.unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn asymmetric_quantize_inputs(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(1, "RnnOptions", "asymmetric_quantize_inputs")?.unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for RnnOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct SequenceRnnOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> SequenceRnnOptionsRef<'a> {
            #[inline]
            pub fn time_major(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(0, "SequenceRnnOptions", "time_major")?.unwrap_or(false),
                )
            }
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(1, "SequenceRnnOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn asymmetric_quantize_inputs(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(2, "SequenceRnnOptions", "asymmetric_quantize_inputs")?
                        .unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for SequenceRnnOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct BidirectionalSequenceRnnOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> BidirectionalSequenceRnnOptionsRef<'a> {
            #[inline]
            pub fn time_major(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(0, "BidirectionalSequenceRnnOptions", "time_major")?
                        .unwrap_or(false),
                )
            }
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(1, "BidirectionalSequenceRnnOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn merge_outputs(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(2, "BidirectionalSequenceRnnOptions", "merge_outputs")?
                        .unwrap_or(false),
                )
            }
            #[inline]
            pub fn asymmetric_quantize_inputs(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(3, "BidirectionalSequenceRnnOptions", "asymmetric_quantize_inputs")?
                        .unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for BidirectionalSequenceRnnOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[repr(i8)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum LstmKernel {
            Full = 0,
            Basic = 1,
        }
        impl ::core::convert::TryFrom<i8> for LstmKernel {
            type Error = ::planus::errors::UnknownEnumTagKind;
            #[inline]
            fn try_from(
                value: i8,
            ) -> ::core::result::Result<Self, ::planus::errors::UnknownEnumTagKind> {
                #[allow(clippy::match_single_binding)]
                match value {
                    0 => ::core::result::Result::Ok(LstmKernel::Full),
                    1 => ::core::result::Result::Ok(LstmKernel::Basic),
                    _ => ::core::result::Result::Err(::planus::errors::UnknownEnumTagKind {
                        tag: value as i128,
                    }),
                }
            }
        }
        impl<'buf> ::planus::TableRead<'buf> for LstmKernel {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'buf>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                let n: i8 = ::planus::TableRead::from_buffer(buffer, offset)?;
                ::core::result::Result::Ok(::core::convert::TryInto::try_into(n)?)
            }
        }
        #[derive(Clone, Copy)]
        pub struct LstmOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> LstmOptionsRef<'a> {
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(0, "LstmOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn cell_clip(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "LstmOptions", "cell_clip")?.unwrap_or(0.0),
                )
            }
            #[inline]
            pub fn proj_clip(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(
                    self.0.access(2, "LstmOptions", "proj_clip")?.unwrap_or(0.0),
                )
            }
            #[inline]
            pub fn kernel(&self) -> ::planus::Result<self::LstmKernel> {
                ::core::result::Result::Ok(
                    self.0.access(3, "LstmOptions", "kernel")?.unwrap_or(self::LstmKernel::Full),
                )
            }
            #[inline]
            pub fn asymmetric_quantize_inputs(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(4, "LstmOptions", "asymmetric_quantize_inputs")?.unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for LstmOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct SequenceLstmOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> SequenceLstmOptionsRef<'a> {
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(0, "SequenceLstmOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn cell_clip(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "SequenceLstmOptions", "cell_clip")?.unwrap_or(0.0),
                )
            }
            #[inline]
            pub fn proj_clip(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(
                    self.0.access(2, "SequenceLstmOptions", "proj_clip")?.unwrap_or(0.0),
                )
            }
            #[inline]
            pub fn time_major(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(3, "SequenceLstmOptions", "time_major")?.unwrap_or(false),
                )
            }
            #[inline]
            pub fn asymmetric_quantize_inputs(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(4, "SequenceLstmOptions", "asymmetric_quantize_inputs")?
                        .unwrap_or(false),
                )
            }
            #[inline]
            pub fn diagonal_recurrent_tensors(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(5, "SequenceLstmOptions", "diagonal_recurrent_tensors")?
                        .unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for SequenceLstmOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct BidirectionalSequenceLstmOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> BidirectionalSequenceLstmOptionsRef<'a> {
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(0, "BidirectionalSequenceLstmOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
            #[inline]
            pub fn cell_clip(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(
                    self.0
                        .access(1, "BidirectionalSequenceLstmOptions", "cell_clip")?
                        .unwrap_or(0.0),
                )
            }
            #[inline]
            pub fn proj_clip(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(
                    self.0
                        .access(2, "BidirectionalSequenceLstmOptions", "proj_clip")?
                        .unwrap_or(0.0),
                )
            }
            #[inline]
            pub fn merge_outputs(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(3, "BidirectionalSequenceLstmOptions", "merge_outputs")?
                        .unwrap_or(false),
                )
            }
            #[inline]
            pub fn time_major(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(4, "BidirectionalSequenceLstmOptions", "time_major")?
                        .unwrap_or(true),
                )
            }
            #[inline]
            pub fn asymmetric_quantize_inputs(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(
                            5,
                            "BidirectionalSequenceLstmOptions",
                            "asymmetric_quantize_inputs",
                        )?
                        .unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for BidirectionalSequenceLstmOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct L2NormOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> L2NormOptionsRef<'a> {
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(0, "L2NormOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for L2NormOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct LocalResponseNormalizationOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> LocalResponseNormalizationOptionsRef<'a> {
            #[inline]
            pub fn radius(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "LocalResponseNormalizationOptions", "radius")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn bias(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "LocalResponseNormalizationOptions", "bias")?.unwrap_or(0.0),
                )
            }
            #[inline]
            pub fn alpha(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(
                    self.0.access(2, "LocalResponseNormalizationOptions", "alpha")?.unwrap_or(0.0),
                )
            }
            #[inline]
            pub fn beta(&self) -> ::planus::Result<f32> {
                ::core::result::Result::Ok(
                    self.0.access(3, "LocalResponseNormalizationOptions", "beta")?.unwrap_or(0.0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for LocalResponseNormalizationOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct ResizeBilinearOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> ResizeBilinearOptionsRef<'a> {
            #[inline]
            pub fn align_corners(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(2, "ResizeBilinearOptions", "align_corners")?.unwrap_or(false),
                )
            }
            #[inline]
            pub fn half_pixel_centers(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(3, "ResizeBilinearOptions", "half_pixel_centers")?
                        .unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for ResizeBilinearOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct ResizeNearestNeighborOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> ResizeNearestNeighborOptionsRef<'a> {
            #[inline]
            pub fn align_corners(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(0, "ResizeNearestNeighborOptions", "align_corners")?
                        .unwrap_or(false),
                )
            }
            #[inline]
            pub fn half_pixel_centers(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(1, "ResizeNearestNeighborOptions", "half_pixel_centers")?
                        .unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for ResizeNearestNeighborOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct SpaceToDepthOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> SpaceToDepthOptionsRef<'a> {
            #[inline]
            pub fn block_size(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "SpaceToDepthOptions", "block_size")?.unwrap_or(0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for SpaceToDepthOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct DepthToSpaceOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> DepthToSpaceOptionsRef<'a> {
            #[inline]
            pub fn block_size(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "DepthToSpaceOptions", "block_size")?.unwrap_or(0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for DepthToSpaceOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct GatherOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> GatherOptionsRef<'a> {
            #[inline]
            pub fn axis(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(0, "GatherOptions", "axis")?.unwrap_or(0))
            }
            #[inline]
            pub fn batch_dims(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "GatherOptions", "batch_dims")?.unwrap_or(0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for GatherOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct DivOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> DivOptionsRef<'a> {
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0.access(0, "DivOptions", "activation")?.unwrap_or(self::Activation::None),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for DivOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct TransposeConvOptionsRef<'a>(
            #[allow(dead_code)] ::planus::table_reader::Table<'a>,
        );
        impl<'a> TransposeConvOptionsRef<'a> {
            #[inline]
            pub fn padding(&self) -> ::planus::Result<self::Padding> {
                ::core::result::Result::Ok(
                    self.0
                        .access(0, "TransposeConvOptions", "padding")?
                        .unwrap_or(self::Padding::Same),
                )
            }
            #[inline]
            pub fn stride_w(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "TransposeConvOptions", "stride_w")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn stride_h(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(2, "TransposeConvOptions", "stride_h")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn activation(&self) -> ::planus::Result<self::Activation> {
                ::core::result::Result::Ok(
                    self.0
                        .access(3, "TransposeConvOptions", "activation")?
                        .unwrap_or(self::Activation::None),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for TransposeConvOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct PackOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> PackOptionsRef<'a> {
            #[inline]
            pub fn values_count(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "PackOptions", "values_count")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn axis(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(1, "PackOptions", "axis")?.unwrap_or(0))
            }
        }
        impl<'a> ::planus::TableRead<'a> for PackOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct UnpackOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> UnpackOptionsRef<'a> {
            #[inline]
            pub fn num(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(0, "UnpackOptions", "num")?.unwrap_or(0))
            }
            #[inline]
            pub fn axis(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(self.0.access(1, "UnpackOptions", "axis")?.unwrap_or(0))
            }
        }
        impl<'a> ::planus::TableRead<'a> for UnpackOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[repr(i8)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum MirrorPadMode {
            Reflect = 0,
            Symmetric = 1,
        }
        impl ::core::convert::TryFrom<i8> for MirrorPadMode {
            type Error = ::planus::errors::UnknownEnumTagKind;
            #[inline]
            fn try_from(
                value: i8,
            ) -> ::core::result::Result<Self, ::planus::errors::UnknownEnumTagKind> {
                #[allow(clippy::match_single_binding)]
                match value {
                    0 => ::core::result::Result::Ok(MirrorPadMode::Reflect),
                    1 => ::core::result::Result::Ok(MirrorPadMode::Symmetric),
                    _ => ::core::result::Result::Err(::planus::errors::UnknownEnumTagKind {
                        tag: value as i128,
                    }),
                }
            }
        }
        impl<'buf> ::planus::TableRead<'buf> for MirrorPadMode {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'buf>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                let n: i8 = ::planus::TableRead::from_buffer(buffer, offset)?;
                ::core::result::Result::Ok(::core::convert::TryInto::try_into(n)?)
            }
        }
        #[derive(Clone, Copy)]
        pub struct MirrorPadOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> MirrorPadOptionsRef<'a> {
            #[inline]
            pub fn mode(&self) -> ::planus::Result<self::MirrorPadMode> {
                ::core::result::Result::Ok(
                    self.0
                        .access(0, "MirrorPadOptions", "mode")?
                        .unwrap_or(self::MirrorPadMode::Reflect),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for MirrorPadOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct SplitVOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> SplitVOptionsRef<'a> {
            #[inline]
            pub fn num_splits(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "SplitVOptions", "num_splits")?.unwrap_or(0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for SplitVOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct IfOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> IfOptionsRef<'a> {
            #[inline]
            pub fn then_subgraph(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "IfOptions", "then_subgraph")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn else_subgraph(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "IfOptions", "else_subgraph")?.unwrap_or(0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for IfOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct WhileOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> WhileOptionsRef<'a> {
            #[inline]
            pub fn cond_subgraph(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "WhileOptions", "cond_subgraph")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn body_subgraph(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(1, "WhileOptions", "body_subgraph")?.unwrap_or(0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for WhileOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct BatchMatMulOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> BatchMatMulOptionsRef<'a> {
            #[inline]
            pub fn adj_x(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(0, "BatchMatMulOptions", "adj_x")?.unwrap_or(false),
                )
            }
            #[inline]
            pub fn adj_y(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(1, "BatchMatMulOptions", "adj_y")?.unwrap_or(false),
                )
            }
            #[inline]
            pub fn asymmetric_quantize_inputs(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0
                        .access(2, "BatchMatMulOptions", "asymmetric_quantize_inputs")?
                        .unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for BatchMatMulOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct CumsumOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> CumsumOptionsRef<'a> {
            #[inline]
            pub fn exclusive(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(0, "CumsumOptions", "exclusive")?.unwrap_or(false),
                )
            }
            #[inline]
            pub fn reverse(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(1, "CumsumOptions", "reverse")?.unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for CumsumOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct CallOnceOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> CallOnceOptionsRef<'a> {
            #[inline]
            pub fn init_subgraph(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "CallOnceOptions", "init_subgraph")?.unwrap_or(0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for CallOnceOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct VarHandleOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> VarHandleOptionsRef<'a> {
            #[inline]
            pub fn container(
                &self,
            ) -> ::planus::Result<::core::option::Option<&'a ::core::primitive::str>> {
                self.0.access(0, "VarHandleOptions", "container")
            }
            #[inline]
            pub fn shared_name(
                &self,
            ) -> ::planus::Result<::core::option::Option<&'a ::core::primitive::str>> {
                self.0.access(1, "VarHandleOptions", "shared_name")
            }
        }
        impl<'a> ::planus::TableRead<'a> for VarHandleOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub struct GeluOptionsRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> GeluOptionsRef<'a> {
            #[inline]
            pub fn approximate(&self) -> ::planus::Result<bool> {
                ::core::result::Result::Ok(
                    self.0.access(0, "GeluOptions", "approximate")?.unwrap_or(false),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for GeluOptionsRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        #[derive(Clone, Copy)]
        pub enum BuiltinOptionsRef<'a> {
            Conv2d(self::Conv2dOptionsRef<'a>),
            DepthwiseConv2d(self::DepthwiseConv2dOptionsRef<'a>),
            Unread3(self::UnreadRef<'a>),
            Unread4(self::UnreadRef<'a>),
            Pool2d(self::Pool2dOptionsRef<'a>),
            Svdf(self::SvdfOptionsRef<'a>),
            Rnn(self::RnnOptionsRef<'a>),
            FullyConnected(self::FullyConnectedOptionsRef<'a>),
            Softmax(self::SoftmaxOptionsRef<'a>),
            Concatenation(self::ConcatenationOptionsRef<'a>),
            Add(self::AddOptionsRef<'a>),
            L2Norm(self::L2NormOptionsRef<'a>),
            LocalResponseNormalization(self::LocalResponseNormalizationOptionsRef<'a>),
            Lstm(self::LstmOptionsRef<'a>),
            ResizeBilinear(self::ResizeBilinearOptionsRef<'a>),
            Unread16(self::UnreadRef<'a>),
            Reshape(self::ReshapeOptionsRef<'a>),
            Unread18(self::UnreadRef<'a>),
            SpaceToDepth(self::SpaceToDepthOptionsRef<'a>),
            Unread20(self::UnreadRef<'a>),
            Mul(self::MulOptionsRef<'a>),
            Unread22(self::UnreadRef<'a>),
            Gather(self::GatherOptionsRef<'a>),
            Unread24(self::UnreadRef<'a>),
            Unread25(self::UnreadRef<'a>),
            Unread26(self::UnreadRef<'a>),
            Reducer(self::ReducerOptionsRef<'a>),
            Sub(self::SubOptionsRef<'a>),
            Div(self::DivOptionsRef<'a>),
            Squeeze(self::SqueezeOptionsRef<'a>),
            SequenceRnn(self::SequenceRnnOptionsRef<'a>),
            StridedSlice(self::StridedSliceOptionsRef<'a>),
            Unread33(self::UnreadRef<'a>),
            Unread34(self::UnreadRef<'a>),
            Split(self::SplitOptionsRef<'a>),
            Unread36(self::UnreadRef<'a>),
            Unread37(self::UnreadRef<'a>),
            Unread38(self::UnreadRef<'a>),
            Unread39(self::UnreadRef<'a>),
            Unread40(self::UnreadRef<'a>),
            Unread41(self::UnreadRef<'a>),
            Unread42(self::UnreadRef<'a>),
            Unread43(self::UnreadRef<'a>),
            Unread44(self::UnreadRef<'a>),
            Unread45(self::UnreadRef<'a>),
            Unread46(self::UnreadRef<'a>),
            Unread47(self::UnreadRef<'a>),
            Unread48(self::UnreadRef<'a>),
            TransposeConv(self::TransposeConvOptionsRef<'a>),
            Unread50(self::UnreadRef<'a>),
            Unread51(self::UnreadRef<'a>),
            Unread52(self::UnreadRef<'a>),
            Unread53(self::UnreadRef<'a>),
            Unread54(self::UnreadRef<'a>),
            Unread55(self::UnreadRef<'a>),
            Unread56(self::UnreadRef<'a>),
            Unread57(self::UnreadRef<'a>),
            Unread58(self::UnreadRef<'a>),
            Pack(self::PackOptionsRef<'a>),
            Unread60(self::UnreadRef<'a>),
            Unread61(self::UnreadRef<'a>),
            Unread62(self::UnreadRef<'a>),
            Unread63(self::UnreadRef<'a>),
            Unpack(self::UnpackOptionsRef<'a>),
            Unread65(self::UnreadRef<'a>),
            Unread66(self::UnreadRef<'a>),
            Unread67(self::UnreadRef<'a>),
            Unread68(self::UnreadRef<'a>),
            BidirectionalSequenceLstm(self::BidirectionalSequenceLstmOptionsRef<'a>),
            BidirectionalSequenceRnn(self::BidirectionalSequenceRnnOptionsRef<'a>),
            SequenceLstm(self::SequenceLstmOptionsRef<'a>),
            Unread72(self::UnreadRef<'a>),
            Unread73(self::UnreadRef<'a>),
            ResizeNearestNeighbor(self::ResizeNearestNeighborOptionsRef<'a>),
            LeakyRelu(self::LeakyReluOptionsRef<'a>),
            Unread76(self::UnreadRef<'a>),
            MirrorPad(self::MirrorPadOptionsRef<'a>),
            Unread78(self::UnreadRef<'a>),
            SplitV(self::SplitVOptionsRef<'a>),
            Unread80(self::UnreadRef<'a>),
            Unread81(self::UnreadRef<'a>),
            Unread82(self::UnreadRef<'a>),
            Unread83(self::UnreadRef<'a>),
            Unread84(self::UnreadRef<'a>),
            Unread85(self::UnreadRef<'a>),
            Unread86(self::UnreadRef<'a>),
            Unread87(self::UnreadRef<'a>),
            Unread88(self::UnreadRef<'a>),
            Unread89(self::UnreadRef<'a>),
            Unread90(self::UnreadRef<'a>),
            Unread91(self::UnreadRef<'a>),
            If(self::IfOptionsRef<'a>),
            While(self::WhileOptionsRef<'a>),
            DepthToSpace(self::DepthToSpaceOptionsRef<'a>),
            Unread95(self::UnreadRef<'a>),
            Unread96(self::UnreadRef<'a>),
            Unread97(self::UnreadRef<'a>),
            Unread98(self::UnreadRef<'a>),
            Unread99(self::UnreadRef<'a>),
            Unread100(self::UnreadRef<'a>),
            BatchMatMul(self::BatchMatMulOptionsRef<'a>),
            Cumsum(self::CumsumOptionsRef<'a>),
            CallOnce(self::CallOnceOptionsRef<'a>),
            Unread104(self::UnreadRef<'a>),
            Unread105(self::UnreadRef<'a>),
            Unread106(self::UnreadRef<'a>),
            Unread107(self::UnreadRef<'a>),
            Unread108(self::UnreadRef<'a>),
            Unread109(self::UnreadRef<'a>),
            Unread110(self::UnreadRef<'a>),
            VarHandle(self::VarHandleOptionsRef<'a>),
            Unread112(self::UnreadRef<'a>),
            Unread113(self::UnreadRef<'a>),
            Unread114(self::UnreadRef<'a>),
            Unread115(self::UnreadRef<'a>),
            Gelu(self::GeluOptionsRef<'a>),
            Unread117(self::UnreadRef<'a>),
            Unread118(self::UnreadRef<'a>),
            Unread119(self::UnreadRef<'a>),
            Unread120(self::UnreadRef<'a>),
            Unread121(self::UnreadRef<'a>),
            Unread122(self::UnreadRef<'a>),
            Unread123(self::UnreadRef<'a>),
            Unread124(self::UnreadRef<'a>),
            Unread125(self::UnreadRef<'a>),
            Unread126(self::UnreadRef<'a>),
        }
        impl<'a> ::planus::TableReadUnion<'a> for BuiltinOptionsRef<'a> {
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                tag: u8,
                field_offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                match tag {
                    1 => ::core::result::Result::Ok(Self::Conv2d(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    2 => ::core::result::Result::Ok(Self::DepthwiseConv2d(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    3 => ::core::result::Result::Ok(Self::Unread3(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    4 => ::core::result::Result::Ok(Self::Unread4(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    5 => ::core::result::Result::Ok(Self::Pool2d(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    6 => ::core::result::Result::Ok(Self::Svdf(::planus::TableRead::from_buffer(
                        buffer,
                        field_offset,
                    )?)),
                    7 => ::core::result::Result::Ok(Self::Rnn(::planus::TableRead::from_buffer(
                        buffer,
                        field_offset,
                    )?)),
                    8 => ::core::result::Result::Ok(Self::FullyConnected(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    9 => ::core::result::Result::Ok(Self::Softmax(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    10 => ::core::result::Result::Ok(Self::Concatenation(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    11 => ::core::result::Result::Ok(Self::Add(::planus::TableRead::from_buffer(
                        buffer,
                        field_offset,
                    )?)),
                    12 => ::core::result::Result::Ok(Self::L2Norm(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    13 => ::core::result::Result::Ok(Self::LocalResponseNormalization(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    14 => ::core::result::Result::Ok(Self::Lstm(::planus::TableRead::from_buffer(
                        buffer,
                        field_offset,
                    )?)),
                    15 => ::core::result::Result::Ok(Self::ResizeBilinear(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    16 => ::core::result::Result::Ok(Self::Unread16(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    17 => ::core::result::Result::Ok(Self::Reshape(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    18 => ::core::result::Result::Ok(Self::Unread18(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    19 => ::core::result::Result::Ok(Self::SpaceToDepth(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    20 => ::core::result::Result::Ok(Self::Unread20(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    21 => ::core::result::Result::Ok(Self::Mul(::planus::TableRead::from_buffer(
                        buffer,
                        field_offset,
                    )?)),
                    22 => ::core::result::Result::Ok(Self::Unread22(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    23 => ::core::result::Result::Ok(Self::Gather(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    24 => ::core::result::Result::Ok(Self::Unread24(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    25 => ::core::result::Result::Ok(Self::Unread25(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    26 => ::core::result::Result::Ok(Self::Unread26(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    27 => ::core::result::Result::Ok(Self::Reducer(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    28 => ::core::result::Result::Ok(Self::Sub(::planus::TableRead::from_buffer(
                        buffer,
                        field_offset,
                    )?)),
                    29 => ::core::result::Result::Ok(Self::Div(::planus::TableRead::from_buffer(
                        buffer,
                        field_offset,
                    )?)),
                    30 => ::core::result::Result::Ok(Self::Squeeze(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    31 => ::core::result::Result::Ok(Self::SequenceRnn(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    32 => ::core::result::Result::Ok(Self::StridedSlice(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    33 => ::core::result::Result::Ok(Self::Unread33(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    34 => ::core::result::Result::Ok(Self::Unread34(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    35 => ::core::result::Result::Ok(Self::Split(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    36 => ::core::result::Result::Ok(Self::Unread36(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    37 => ::core::result::Result::Ok(Self::Unread37(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    38 => ::core::result::Result::Ok(Self::Unread38(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    39 => ::core::result::Result::Ok(Self::Unread39(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    40 => ::core::result::Result::Ok(Self::Unread40(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    41 => ::core::result::Result::Ok(Self::Unread41(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    42 => ::core::result::Result::Ok(Self::Unread42(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    43 => ::core::result::Result::Ok(Self::Unread43(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    44 => ::core::result::Result::Ok(Self::Unread44(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    45 => ::core::result::Result::Ok(Self::Unread45(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    46 => ::core::result::Result::Ok(Self::Unread46(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    47 => ::core::result::Result::Ok(Self::Unread47(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    48 => ::core::result::Result::Ok(Self::Unread48(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    49 => ::core::result::Result::Ok(Self::TransposeConv(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    50 => ::core::result::Result::Ok(Self::Unread50(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    51 => ::core::result::Result::Ok(Self::Unread51(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    52 => ::core::result::Result::Ok(Self::Unread52(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    53 => ::core::result::Result::Ok(Self::Unread53(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    54 => ::core::result::Result::Ok(Self::Unread54(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    55 => ::core::result::Result::Ok(Self::Unread55(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    56 => ::core::result::Result::Ok(Self::Unread56(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    57 => ::core::result::Result::Ok(Self::Unread57(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    58 => ::core::result::Result::Ok(Self::Unread58(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    59 => ::core::result::Result::Ok(Self::Pack(::planus::TableRead::from_buffer(
                        buffer,
                        field_offset,
                    )?)),
                    60 => ::core::result::Result::Ok(Self::Unread60(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    61 => ::core::result::Result::Ok(Self::Unread61(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    62 => ::core::result::Result::Ok(Self::Unread62(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    63 => ::core::result::Result::Ok(Self::Unread63(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    64 => ::core::result::Result::Ok(Self::Unpack(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    65 => ::core::result::Result::Ok(Self::Unread65(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    66 => ::core::result::Result::Ok(Self::Unread66(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    67 => ::core::result::Result::Ok(Self::Unread67(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    68 => ::core::result::Result::Ok(Self::Unread68(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    69 => ::core::result::Result::Ok(Self::BidirectionalSequenceLstm(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    70 => ::core::result::Result::Ok(Self::BidirectionalSequenceRnn(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    71 => ::core::result::Result::Ok(Self::SequenceLstm(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    72 => ::core::result::Result::Ok(Self::Unread72(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    73 => ::core::result::Result::Ok(Self::Unread73(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    74 => ::core::result::Result::Ok(Self::ResizeNearestNeighbor(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    75 => ::core::result::Result::Ok(Self::LeakyRelu(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    76 => ::core::result::Result::Ok(Self::Unread76(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    77 => ::core::result::Result::Ok(Self::MirrorPad(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    78 => ::core::result::Result::Ok(Self::Unread78(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    79 => ::core::result::Result::Ok(Self::SplitV(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    80 => ::core::result::Result::Ok(Self::Unread80(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    81 => ::core::result::Result::Ok(Self::Unread81(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    82 => ::core::result::Result::Ok(Self::Unread82(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    83 => ::core::result::Result::Ok(Self::Unread83(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    84 => ::core::result::Result::Ok(Self::Unread84(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    85 => ::core::result::Result::Ok(Self::Unread85(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    86 => ::core::result::Result::Ok(Self::Unread86(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    87 => ::core::result::Result::Ok(Self::Unread87(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    88 => ::core::result::Result::Ok(Self::Unread88(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    89 => ::core::result::Result::Ok(Self::Unread89(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    90 => ::core::result::Result::Ok(Self::Unread90(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    91 => ::core::result::Result::Ok(Self::Unread91(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    92 => ::core::result::Result::Ok(Self::If(::planus::TableRead::from_buffer(
                        buffer,
                        field_offset,
                    )?)),
                    93 => ::core::result::Result::Ok(Self::While(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    94 => ::core::result::Result::Ok(Self::DepthToSpace(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    95 => ::core::result::Result::Ok(Self::Unread95(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    96 => ::core::result::Result::Ok(Self::Unread96(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    97 => ::core::result::Result::Ok(Self::Unread97(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    98 => ::core::result::Result::Ok(Self::Unread98(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    99 => ::core::result::Result::Ok(Self::Unread99(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    100 => ::core::result::Result::Ok(Self::Unread100(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    101 => ::core::result::Result::Ok(Self::BatchMatMul(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    102 => ::core::result::Result::Ok(Self::Cumsum(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    103 => ::core::result::Result::Ok(Self::CallOnce(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    104 => ::core::result::Result::Ok(Self::Unread104(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    105 => ::core::result::Result::Ok(Self::Unread105(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    106 => ::core::result::Result::Ok(Self::Unread106(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    107 => ::core::result::Result::Ok(Self::Unread107(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    108 => ::core::result::Result::Ok(Self::Unread108(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    109 => ::core::result::Result::Ok(Self::Unread109(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    110 => ::core::result::Result::Ok(Self::Unread110(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    111 => ::core::result::Result::Ok(Self::VarHandle(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    112 => ::core::result::Result::Ok(Self::Unread112(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    113 => ::core::result::Result::Ok(Self::Unread113(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    114 => ::core::result::Result::Ok(Self::Unread114(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    115 => ::core::result::Result::Ok(Self::Unread115(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    116 => ::core::result::Result::Ok(Self::Gelu(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    117 => ::core::result::Result::Ok(Self::Unread117(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    118 => ::core::result::Result::Ok(Self::Unread118(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    119 => ::core::result::Result::Ok(Self::Unread119(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    120 => ::core::result::Result::Ok(Self::Unread120(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    121 => ::core::result::Result::Ok(Self::Unread121(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    122 => ::core::result::Result::Ok(Self::Unread122(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    123 => ::core::result::Result::Ok(Self::Unread123(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    124 => ::core::result::Result::Ok(Self::Unread124(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    125 => ::core::result::Result::Ok(Self::Unread125(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    126 => ::core::result::Result::Ok(Self::Unread126(
                        ::planus::TableRead::from_buffer(buffer, field_offset)?,
                    )),
                    _ => {
                        ::core::result::Result::Err(::planus::errors::ErrorKind::UnknownUnionTag {
                            tag,
                        })
                    }
                }
            }
        }
        #[derive(Clone, Copy)]
        pub struct OperatorCodeRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> OperatorCodeRef<'a> {
            #[inline]
            pub fn deprecated_builtin_code(&self) -> ::planus::Result<i8> {
                ::core::result::Result::Ok(
                    self.0.access(0, "OperatorCode", "deprecated_builtin_code")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn custom_code(
                &self,
            ) -> ::planus::Result<::core::option::Option<&'a ::core::primitive::str>> {
                self.0.access(1, "OperatorCode", "custom_code")
            }
            #[inline]
            pub fn version(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(2, "OperatorCode", "version")?.unwrap_or(1),
                )
            }
            #[inline]
            pub fn builtin_code(&self) -> ::planus::Result<i32> {
                ::core::result::Result::Ok(
                    self.0.access(3, "OperatorCode", "builtin_code")?.unwrap_or(0),
                )
            }
        }
        impl<'a> ::planus::TableRead<'a> for OperatorCodeRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        impl<'a> ::planus::VectorReadInner<'a> for OperatorCodeRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;
            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location(
                        "[OperatorCodeRef]",
                        "get",
                        buffer.offset_from_start,
                    )
                })
            }
        }
        #[derive(Clone, Copy)]
        pub struct OperatorRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> OperatorRef<'a> {
            #[inline]
            pub fn opcode_index(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(
                    self.0.access(0, "Operator", "opcode_index")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn inputs(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(1, "Operator", "inputs")
            }
            #[inline]
            pub fn outputs(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(2, "Operator", "outputs")
            }
            #[inline]
            pub fn builtin_options(
                &self,
            ) -> ::planus::Result<::core::option::Option<self::BuiltinOptionsRef<'a>>> {
                self.0.access_union(3, "Operator", "builtin_options")
            }
            #[inline]
            pub fn custom_options(&self) -> ::planus::Result<::core::option::Option<&'a [u8]>> {
                self.0.access(5, "Operator", "custom_options")
            }
            #[inline]
            pub fn custom_options_format(&self) -> ::planus::Result<i8> {
                ::core::result::Result::Ok(
                    self.0.access(6, "Operator", "custom_options_format")?.unwrap_or(0),
                )
            }
            #[inline]
            pub fn mutating_variable_inputs(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, bool>>> {
                self.0.access(7, "Operator", "mutating_variable_inputs")
            }
            #[inline]
            pub fn intermediates(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(8, "Operator", "intermediates")
            }
        }
        impl<'a> ::planus::TableRead<'a> for OperatorRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        impl<'a> ::planus::VectorReadInner<'a> for OperatorRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;
            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[OperatorRef]", "get", buffer.offset_from_start)
                })
            }
        }
        #[derive(Clone, Copy)]
        pub struct SubgraphRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> SubgraphRef<'a> {
            #[inline]
            pub fn tensors(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<::planus::Vector<'a, ::planus::Result<self::TensorRef<'a>>>>,
            > {
                self.0.access(0, "Subgraph", "tensors")
            }
            #[inline]
            pub fn inputs(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(1, "Subgraph", "inputs")
            }
            #[inline]
            pub fn outputs(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(2, "Subgraph", "outputs")
            }
            #[inline]
            pub fn operators(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::OperatorRef<'a>>>,
                >,
            > {
                self.0.access(3, "Subgraph", "operators")
            }
            #[inline]
            pub fn name(
                &self,
            ) -> ::planus::Result<::core::option::Option<&'a ::core::primitive::str>> {
                self.0.access(4, "Subgraph", "name")
            }
        }
        impl<'a> ::planus::TableRead<'a> for SubgraphRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        impl<'a> ::planus::VectorReadInner<'a> for SubgraphRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;
            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[SubgraphRef]", "get", buffer.offset_from_start)
                })
            }
        }
        #[derive(Clone, Copy)]
        pub struct BufferRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> BufferRef<'a> {
            #[inline]
            pub fn data(&self) -> ::planus::Result<::core::option::Option<&'a [u8]>> {
                self.0.access(0, "Buffer", "data")
            }
            #[inline]
            pub fn offset(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(self.0.access(1, "Buffer", "offset")?.unwrap_or(0))
            }
            #[inline]
            pub fn size(&self) -> ::planus::Result<u64> {
                ::core::result::Result::Ok(self.0.access(2, "Buffer", "size")?.unwrap_or(0))
            }
        }
        impl<'a> ::planus::TableRead<'a> for BufferRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        impl<'a> ::planus::VectorReadInner<'a> for BufferRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;
            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[BufferRef]", "get", buffer.offset_from_start)
                })
            }
        }
        #[derive(Clone, Copy)]
        pub struct MetadataRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> MetadataRef<'a> {
            #[inline]
            pub fn name(
                &self,
            ) -> ::planus::Result<::core::option::Option<&'a ::core::primitive::str>> {
                self.0.access(0, "Metadata", "name")
            }
            #[inline]
            pub fn buffer(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(1, "Metadata", "buffer")?.unwrap_or(0))
            }
        }
        impl<'a> ::planus::TableRead<'a> for MetadataRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        impl<'a> ::planus::VectorReadInner<'a> for MetadataRef<'a> {
            type Error = ::planus::Error;
            const STRIDE: usize = 4;
            unsafe fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(buffer, offset).map_err(|error_kind| {
                    error_kind.with_error_location("[MetadataRef]", "get", buffer.offset_from_start)
                })
            }
        }
        #[derive(Clone, Copy)]
        pub struct ModelRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);
        impl<'a> ModelRef<'a> {
            #[inline]
            pub fn version(&self) -> ::planus::Result<u32> {
                ::core::result::Result::Ok(self.0.access(0, "Model", "version")?.unwrap_or(0))
            }
            #[inline]
            pub fn operator_codes(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::OperatorCodeRef<'a>>>,
                >,
            > {
                self.0.access(1, "Model", "operator_codes")
            }
            #[inline]
            pub fn subgraphs(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::SubgraphRef<'a>>>,
                >,
            > {
                self.0.access(2, "Model", "subgraphs")
            }
            #[inline]
            pub fn description(
                &self,
            ) -> ::planus::Result<::core::option::Option<&'a ::core::primitive::str>> {
                self.0.access(3, "Model", "description")
            }
            #[inline]
            pub fn buffers(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<::planus::Vector<'a, ::planus::Result<self::BufferRef<'a>>>>,
            > {
                self.0.access(4, "Model", "buffers")
            }
            #[inline]
            pub fn metadata_buffer(
                &self,
            ) -> ::planus::Result<::core::option::Option<::planus::Vector<'a, i32>>> {
                self.0.access(5, "Model", "metadata_buffer")
            }
            #[inline]
            pub fn metadata(
                &self,
            ) -> ::planus::Result<
                ::core::option::Option<
                    ::planus::Vector<'a, ::planus::Result<self::MetadataRef<'a>>>,
                >,
            > {
                self.0.access(6, "Model", "metadata")
            }
        }
        impl<'a> ::planus::TableRead<'a> for ModelRef<'a> {
            #[inline]
            fn from_buffer(
                buffer: ::planus::SliceWithStartOffset<'a>,
                offset: usize,
            ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
                ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(
                    buffer, offset,
                )?))
            }
        }
        impl<'a> ::planus::ReadAsRoot<'a> for ModelRef<'a> {
            fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
                ::planus::TableRead::from_buffer(
                    ::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 },
                    0,
                )
                .map_err(|error_kind| {
                    error_kind.with_error_location("[ModelRef]", "read_as_root", 0)
                })
            }
        }
    }
}
