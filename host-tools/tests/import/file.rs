//! Writes TFLite files, right and wrong ones, from a plain description.

use flatbuffers::{FlatBufferBuilder, ForwardsUOffset, Push, UnionWIPOffset, WIPOffset};

/// Position of an option in its table, and its value.
pub type Slot = (u16, Value);
type Offset = WIPOffset<UnionWIPOffset>;

#[derive(Clone, Debug)]
pub enum Value {
    Byte(i8),
    Int(i32),
    Float(f32),
    Ints(Vec<i32>),
}

#[derive(Clone, Debug)]
pub struct File {
    pub version: u32,
    pub codes: Vec<Code>,
    pub graphs: Vec<Graph>,
    pub buffers: Vec<Buffer>,
    pub metadata: Vec<(&'static str, u32)>,
    /// Bytes behind the FlatBuffer.
    pub tail: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
pub struct Code {
    pub short: i8,
    pub long: i32,
    pub custom: &'static str,
}

#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub tensors: Vec<Tensor>,
    pub operators: Vec<Operator>,
    pub inputs: Vec<i32>,
    pub outputs: Vec<i32>,
    /// How often each table of a tensor is listed.
    pub tensor_aliases: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Tensor {
    pub name: String,
    pub shape: Vec<i32>,
    pub ty: i8,
    pub buffer: u32,
    pub scale: Vec<f32>,
    pub zero_point: Vec<i64>,
    pub axis: i32,
    /// Kind of the details that replace scales and zero points.
    pub details: u8,
    pub is_variable: bool,
    pub is_sparse: bool,
    pub external_buffer: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Operator {
    pub code: u32,
    pub inputs: Vec<i32>,
    pub outputs: Vec<i32>,
    /// Number of the table of options, 0 for none, and what is in it.
    pub options: (u8, Vec<Slot>),
}

#[derive(Clone, Debug, Default)]
pub struct Buffer {
    pub data: Vec<u8>,
    pub offset: u64,
    pub size: u64,
}

/// Types of tensors.
pub const INT32: i8 = 2;
pub const INT8: i8 = 9;

impl Default for File {
    /// y = RELU(x) over float32 \[1,4\].
    fn default() -> Self {
        let tensor =
            |name: &str| Tensor { name: name.to_owned(), shape: vec![1, 4], ..Tensor::default() };
        Self {
            version: 3,
            codes: vec![Code { short: 19, long: 19, custom: "" }],
            graphs: vec![Graph {
                tensors: vec![tensor("x"), tensor("y")],
                operators: vec![Operator {
                    inputs: vec![0],
                    outputs: vec![1],
                    ..Operator::default()
                }],
                inputs: vec![0],
                outputs: vec![1],
                tensor_aliases: 1,
            }],
            buffers: vec![Buffer::default()],
            metadata: Vec::new(),
            tail: Vec::new(),
        }
    }
}

impl File {
    pub fn bytes(&self) -> Vec<u8> {
        let mut builder = FlatBufferBuilder::new();
        let builder = &mut builder;
        let codes = list(builder, &self.codes, code);
        let graphs = list(builder, &self.graphs, graph);
        let buffers = list(builder, &self.buffers, buffer);
        let metadata = list(builder, &self.metadata, metadata);
        let description = builder.create_string("made for a test");

        let start = builder.start_table();
        builder.push_slot(field(0), self.version, 0);
        builder.push_slot_always(field(1), codes);
        builder.push_slot_always(field(2), graphs);
        builder.push_slot_always(field(3), description);
        builder.push_slot_always(field(4), buffers);
        builder.push_slot_always(field(6), metadata);
        let model = builder.end_table(start);
        builder.finish(model, Some("TFL3"));
        let mut bytes = builder.finished_data().to_vec();
        bytes.extend(&self.tail);
        bytes
    }
}

/// Offset of a field in the table of offsets.
fn field(position: u16) -> u16 {
    4 + 2 * position
}

type Builder<'a> = FlatBufferBuilder<'a>;
type TableList<'a> = WIPOffset<flatbuffers::Vector<'a, ForwardsUOffset<UnionWIPOffset>>>;

fn list<'a, T>(
    builder: &mut Builder<'a>,
    items: &[T],
    write: fn(&mut Builder<'a>, &T) -> Offset,
) -> TableList<'a> {
    let offsets: Vec<Offset> = items.iter().map(|item| write(builder, item)).collect();
    builder.create_vector(&offsets)
}

fn code(builder: &mut Builder<'_>, code: &Code) -> Offset {
    let custom = builder.create_string(code.custom);
    let start = builder.start_table();
    builder.push_slot(field(0), code.short, 0);
    builder.push_slot_always(field(1), custom);
    builder.push_slot(field(3), code.long, 0);
    builder.end_table(start).as_union_value()
}

fn graph(builder: &mut Builder<'_>, graph: &Graph) -> Offset {
    let tensors: Vec<Offset> = graph
        .tensors
        .iter()
        .map(|spec| tensor(builder, spec))
        .flat_map(|offset| std::iter::repeat_n(offset, graph.tensor_aliases))
        .collect();
    let tensors = builder.create_vector(&tensors);
    let inputs = builder.create_vector(&graph.inputs);
    let outputs = builder.create_vector(&graph.outputs);
    let operators = list(builder, &graph.operators, operator);
    let start = builder.start_table();
    builder.push_slot_always(field(0), tensors);
    builder.push_slot_always(field(1), inputs);
    builder.push_slot_always(field(2), outputs);
    builder.push_slot_always(field(3), operators);
    builder.end_table(start).as_union_value()
}

fn tensor(builder: &mut Builder<'_>, tensor: &Tensor) -> Offset {
    let empty = table(builder, &[]);
    let scale = builder.create_vector(&tensor.scale);
    let zero_point = builder.create_vector(&tensor.zero_point);
    let start = builder.start_table();
    builder.push_slot_always(field(2), scale);
    builder.push_slot_always(field(3), zero_point);
    if tensor.details != 0 {
        builder.push_slot_always(field(4), tensor.details);
        builder.push_slot_always(field(5), empty);
    }
    builder.push_slot(field(6), tensor.axis, 0);
    let quantization = builder.end_table(start);

    let shape = builder.create_vector(&tensor.shape);
    let name = builder.create_string(&tensor.name);
    let start = builder.start_table();
    builder.push_slot_always(field(0), shape);
    builder.push_slot(field(1), tensor.ty, 0);
    builder.push_slot(field(2), tensor.buffer, 0);
    builder.push_slot_always(field(3), name);
    builder.push_slot_always(field(4), quantization);
    builder.push_slot(field(5), tensor.is_variable, false);
    if tensor.is_sparse {
        builder.push_slot_always(field(6), empty);
    }
    builder.push_slot(field(10), tensor.external_buffer, 0);
    builder.end_table(start).as_union_value()
}

fn operator(builder: &mut Builder<'_>, operator: &Operator) -> Offset {
    let (kind, slots) = &operator.options;
    let options = table(builder, slots);
    let inputs = builder.create_vector(&operator.inputs);
    let outputs = builder.create_vector(&operator.outputs);
    let start = builder.start_table();
    builder.push_slot(field(0), operator.code, 0);
    builder.push_slot_always(field(1), inputs);
    builder.push_slot_always(field(2), outputs);
    if *kind != 0 {
        builder.push_slot_always(field(3), *kind);
        builder.push_slot_always(field(4), options);
    }
    builder.end_table(start).as_union_value()
}

fn buffer(builder: &mut Builder<'_>, buffer: &Buffer) -> Offset {
    let data = (!buffer.data.is_empty()).then(|| builder.create_vector(&buffer.data));
    let start = builder.start_table();
    if let Some(data) = data {
        builder.push_slot_always(field(0), data);
    }
    builder.push_slot(field(1), buffer.offset, 0);
    builder.push_slot(field(2), buffer.size, 0);
    builder.end_table(start).as_union_value()
}

fn metadata(builder: &mut Builder<'_>, (name, buffer): &(&'static str, u32)) -> Offset {
    let name = builder.create_string(name);
    let start = builder.start_table();
    builder.push_slot_always(field(0), name);
    builder.push_slot(field(1), *buffer, 0);
    builder.end_table(start).as_union_value()
}

fn table(builder: &mut Builder<'_>, slots: &[Slot]) -> Offset {
    let lists: Vec<_> = slots
        .iter()
        .map(|(_, value)| match value {
            Value::Ints(values) => Some(builder.create_vector(values)),
            _ => None,
        })
        .collect();
    let start = builder.start_table();
    for ((position, value), list) in slots.iter().zip(lists) {
        match (value, list) {
            (Value::Byte(value), _) => push(builder, *position, *value),
            (Value::Int(value), _) => push(builder, *position, *value),
            (Value::Float(value), _) => push(builder, *position, *value),
            (Value::Ints(_), Some(list)) => push(builder, *position, list),
            (Value::Ints(_), None) => unreachable!("every list was written"),
        }
    }
    builder.end_table(start).as_union_value()
}

fn push<T: Push>(builder: &mut Builder<'_>, position: u16, value: T) {
    builder.push_slot_always(field(position), value);
}
