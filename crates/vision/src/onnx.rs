//! Rewrites an ONNX model in memory where the engine does not know what the file uses.
//!
//! The face models keep their weights as 8-bit blocks (`DequantizeLinear` with `block_size`, ONNX opset 21). The engine
//! knows no blocks, so each such weight becomes the 32-bit initialiser it stands for, `(q − zero) · scale`, and the node
//! goes away. `Dropout` does nothing when a model is used, and becomes `Identity`. Shapes that were written for one
//! picture size are dropped, so that a detector takes any.
//!
//! Only the messages that are touched are taken apart; everything else is copied as it is. Field numbers are those of
//! `onnx.proto`.

use std::collections::HashMap;

use crate::protobuf::{Field, Fields, Payload, Writer};

/// More than any model here has; a guard against files that lie about their sizes.
const MAX_ELEMENTS: usize = 64 << 20;

const MODEL_GRAPH: u32 = 7;
const GRAPH_NODE: u32 = 1;
const GRAPH_INITIALIZER: u32 = 5;
const GRAPH_INPUT: u32 = 11;
const GRAPH_OUTPUT: u32 = 12;
const GRAPH_VALUE_INFO: u32 = 13;
const NODE_INPUT: u32 = 1;
const NODE_OUTPUT: u32 = 2;
const NODE_OP_TYPE: u32 = 4;
const NODE_ATTRIBUTE: u32 = 5;
const TENSOR_DIMS: u32 = 1;
const TENSOR_TYPE: u32 = 2;
const TENSOR_FLOATS: u32 = 4;
const TENSOR_NAME: u32 = 8;
const TENSOR_RAW: u32 = 9;

const FLOAT: u64 = 1;
const UINT8: u64 = 2;
const INT8: u64 = 3;

/// Why a model file cannot be rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OnnxError {
    /// The bytes are not a protobuf message.
    #[error("the file is damaged")]
    Damaged,
    /// A weight is stored in a way this module does not know.
    #[error("a weight is stored in an unknown way")]
    UnknownWeight,
}

/// A weight in the file, its bytes still where they were.
struct Tensor<'a> {
    dims: Vec<usize>,
    kind: u64,
    raw: &'a [u8],
    floats: Vec<&'a [u8]>,
}

/// A node's inputs and outputs and the attributes that matter here.
#[derive(Default)]
struct Node<'a> {
    op: &'a [u8],
    inputs: Vec<&'a [u8]>,
    outputs: Vec<&'a [u8]>,
    axis: Option<i64>,
    block: i64,
}

/// Expands the blocked weights of a model and frees its input size.
pub(crate) fn expand(model: &[u8]) -> Result<Vec<u8>, OnnxError> {
    let mut out = Writer::with_capacity(model.len().saturating_mul(4));
    for field in Fields::new(model) {
        let field = field.ok_or(OnnxError::Damaged)?;
        match (field.number, field.payload) {
            (MODEL_GRAPH, Payload::Bytes(graph)) => out.bytes(MODEL_GRAPH, &expand_graph(graph)?),
            _ => out.copy(&field),
        }
    }
    Ok(out.finish())
}

/// Makes the input of the model's last `MatMul` an output as well.
///
/// The recogniser ends in a product with 120 × 18,710 weights. The engine would fuse the transposition before it into the
/// product, and then packs these weights anew at every run, which takes a fifth of the whole time. What is an output is
/// not fused, so the weights are packed once, when the model is loaded.
pub(crate) fn part_head(model: &[u8]) -> Result<Vec<u8>, OnnxError> {
    let mut out = Writer::with_capacity(model.len() + 64);
    for field in Fields::new(model) {
        let field = field.ok_or(OnnxError::Damaged)?;
        let (MODEL_GRAPH, Payload::Bytes(graph)) = (field.number, field.payload) else {
            out.copy(&field);
            continue;
        };
        let mut last = None;
        let mut parted = Writer::with_capacity(graph.len() + 64);
        for field in Fields::new(graph) {
            let field = field.ok_or(OnnxError::Damaged)?;
            if let (GRAPH_NODE, Payload::Bytes(bytes)) = (field.number, field.payload) {
                let node = read_node(bytes)?;
                if node.op == b"MatMul" {
                    last = node.inputs.first().copied();
                }
            }
            parted.copy(&field);
        }
        if let Some(name) = last {
            parted.bytes(GRAPH_OUTPUT, &without_shape(name));
        }
        out.bytes(MODEL_GRAPH, &parted.finish());
    }
    Ok(out.finish())
}

fn expand_graph(graph: &[u8]) -> Result<Vec<u8>, OnnxError> {
    let fields = Fields::new(graph).collect::<Option<Vec<Field>>>().ok_or(OnnxError::Damaged)?;
    let mut weights = HashMap::new();
    for field in &fields {
        if let (GRAPH_INITIALIZER, Payload::Bytes(bytes)) = (field.number, field.payload) {
            weights.insert(name_of(bytes, TENSOR_NAME)?, bytes);
        }
    }
    let mut consumed: Vec<&[u8]> = Vec::new();
    let mut nodes = Writer::with_capacity(64 << 10);
    let mut expanded = Writer::with_capacity(graph.len().saturating_mul(4));
    for field in &fields {
        let (GRAPH_NODE, Payload::Bytes(bytes)) = (field.number, field.payload) else { continue };
        let node = read_node(bytes)?;
        let sources: Option<Vec<&[u8]>> = node.inputs.iter().map(|name| weights.get(name).copied()).collect();
        match (node.op, sources, node.outputs.as_slice()) {
            (b"DequantizeLinear", Some(sources), [output]) if node.block > 0 => {
                expanded.bytes(GRAPH_INITIALIZER, &dequantise(&node, &sources, output)?);
                consumed.extend(&node.inputs);
            }
            (b"Dropout", _, [output, ..]) => {
                let input = node.inputs.first().ok_or(OnnxError::Damaged)?;
                let mut identity = Writer::with_capacity(64);
                identity.bytes(NODE_INPUT, input);
                identity.bytes(NODE_OUTPUT, output);
                identity.bytes(NODE_OP_TYPE, b"Identity");
                nodes.bytes(GRAPH_NODE, &identity.finish());
            }
            _ => nodes.copy(field),
        }
    }
    let mut out = nodes;
    out.append(expanded);
    for field in &fields {
        match (field.number, field.payload) {
            (GRAPH_NODE | GRAPH_VALUE_INFO, _) => {}
            (GRAPH_INITIALIZER, Payload::Bytes(bytes)) => {
                if !consumed.contains(&name_of(bytes, TENSOR_NAME)?) {
                    out.copy(field);
                }
            }
            (GRAPH_INPUT, Payload::Bytes(bytes)) => {
                let name = name_of(bytes, 1)?;
                if !weights.contains_key(name) {
                    out.bytes(GRAPH_INPUT, &without_shape(name));
                }
            }
            (GRAPH_OUTPUT, Payload::Bytes(bytes)) => out.bytes(GRAPH_OUTPUT, &without_shape(name_of(bytes, 1)?)),
            _ => out.copy(field),
        }
    }
    Ok(out.finish())
}

/// `ValueInfoProto { name, type { tensor_type { elem_type: FLOAT } } }`: a float tensor of any shape.
fn without_shape(name: &[u8]) -> Vec<u8> {
    let mut tensor = Writer::with_capacity(4);
    tensor.varint(1, FLOAT);
    let mut kind = Writer::with_capacity(8);
    kind.bytes(1, &tensor.finish());
    let mut info = Writer::with_capacity(32);
    info.bytes(1, name);
    info.bytes(2, &kind.finish());
    info.finish()
}

fn name_of(message: &[u8], number: u32) -> Result<&[u8], OnnxError> {
    for field in Fields::new(message) {
        let field = field.ok_or(OnnxError::Damaged)?;
        if let (true, Payload::Bytes(bytes)) = (field.number == number, field.payload) {
            return Ok(bytes);
        }
    }
    Ok(&[])
}

fn read_node(bytes: &[u8]) -> Result<Node<'_>, OnnxError> {
    let mut node = Node::default();
    for field in Fields::new(bytes) {
        let field = field.ok_or(OnnxError::Damaged)?;
        match (field.number, field.payload) {
            (NODE_INPUT, Payload::Bytes(name)) => node.inputs.push(name),
            (NODE_OUTPUT, Payload::Bytes(name)) => node.outputs.push(name),
            (NODE_OP_TYPE, Payload::Bytes(op)) => node.op = op,
            (NODE_ATTRIBUTE, Payload::Bytes(attribute)) => {
                let mut value = 0;
                for part in Fields::new(attribute) {
                    let part = part.ok_or(OnnxError::Damaged)?;
                    if let (3, Payload::Varint(number)) = (part.number, part.payload) {
                        value = number.cast_signed();
                    }
                }
                match name_of(attribute, 1)? {
                    b"axis" => node.axis = Some(value),
                    b"block_size" => node.block = value,
                    _ => {}
                }
            }
            _ => {}
        }
    }
    Ok(node)
}

fn read_tensor(bytes: &[u8]) -> Result<Tensor<'_>, OnnxError> {
    let mut tensor = Tensor { dims: Vec::new(), kind: 0, raw: &[], floats: Vec::new() };
    for field in Fields::new(bytes) {
        let field = field.ok_or(OnnxError::Damaged)?;
        match (field.number, field.payload) {
            (TENSOR_DIMS, Payload::Varint(dim)) => tensor.dims.push(usize::try_from(dim).map_err(|_| OnnxError::Damaged)?),
            (TENSOR_DIMS, Payload::Bytes(packed)) => {
                let mut rest = Fields::new(packed);
                while let Some(dim) = rest.packed_varint() {
                    tensor.dims.push(usize::try_from(dim).map_err(|_| OnnxError::Damaged)?);
                }
            }
            (TENSOR_TYPE, Payload::Varint(kind)) => tensor.kind = kind,
            (TENSOR_FLOATS, Payload::Bytes(packed)) => tensor.floats.push(packed),
            (TENSOR_RAW, Payload::Bytes(raw)) => tensor.raw = raw,
            _ => {}
        }
    }
    let elements = tensor.dims.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim));
    if elements.is_none_or(|count| count > MAX_ELEMENTS) {
        return Err(OnnxError::Damaged);
    }
    Ok(tensor)
}

impl Tensor<'_> {
    fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// The numbers as 32-bit floats, whichever of the known ways they are stored in.
    fn numbers(&self) -> Result<Vec<f32>, OnnxError> {
        let four = |bytes: &[u8]| bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect::<Vec<_>>();
        let numbers: Vec<f32> = match self.kind {
            FLOAT if self.raw.is_empty() => self.floats.iter().flat_map(|part| four(part)).collect(),
            FLOAT => four(self.raw),
            INT8 => self.raw.iter().map(|byte| f32::from(byte.cast_signed())).collect(),
            UINT8 => self.raw.iter().map(|byte| f32::from(*byte)).collect(),
            _ => return Err(OnnxError::UnknownWeight),
        };
        if numbers.len() == self.len() { Ok(numbers) } else { Err(OnnxError::UnknownWeight) }
    }
}

/// The initialiser that a blocked `DequantizeLinear` stands for: along its axis, every `block` weights share one scale
/// and one zero point.
fn dequantise(node: &Node, sources: &[&[u8]], name: &[u8]) -> Result<Vec<u8>, OnnxError> {
    let (Some(weights), Some(scales)) = (sources.first(), sources.get(1)) else { return Err(OnnxError::Damaged) };
    let weights = read_tensor(weights)?;
    let scale = read_tensor(scales)?;
    let zeros = sources.get(2).map(|zero| read_tensor(zero)?.numbers()).transpose()?;
    let (values, scale_values) = (weights.numbers()?, scale.numbers()?);
    let block = usize::try_from(node.block).map_err(|_| OnnxError::Damaged)?;
    let axis = usize::try_from(node.axis.unwrap_or(1)).map_err(|_| OnnxError::UnknownWeight)?;
    let length = *weights.dims.get(axis).ok_or(OnnxError::Damaged)?;
    let inner: usize = weights.dims[axis + 1..].iter().product();
    let blocks = length.div_ceil(block);
    let outer: usize = weights.dims[..axis].iter().product();
    if scale_values.len() != outer * blocks * inner || zeros.as_ref().is_some_and(|z| z.len() != scale_values.len()) {
        return Err(OnnxError::UnknownWeight);
    }
    let mut raw = Vec::with_capacity(values.len() * 4);
    for (index, value) in values.iter().enumerate() {
        let (row, rest) = (index / (length * inner), index % (length * inner));
        let at = (row * blocks + rest / inner / block) * inner + rest % inner;
        let zero = zeros.as_ref().map_or(0.0, |zeros| zeros[at]);
        raw.extend(((value - zero) * scale_values[at]).to_le_bytes());
    }
    let mut out = Writer::with_capacity(raw.len() + 128);
    for dim in &weights.dims {
        out.varint(TENSOR_DIMS, *dim as u64);
    }
    out.varint(TENSOR_TYPE, FLOAT);
    out.bytes(TENSOR_NAME, name);
    out.bytes(TENSOR_RAW, &raw);
    Ok(out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(name: &[u8], dims: &[u64], kind: u64, raw: &[u8]) -> Vec<u8> {
        let mut out = Writer::with_capacity(64);
        dims.iter().for_each(|dim| out.varint(TENSOR_DIMS, *dim));
        out.varint(TENSOR_TYPE, kind);
        out.bytes(TENSOR_NAME, name);
        out.bytes(TENSOR_RAW, raw);
        out.finish()
    }

    fn floats(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn attribute(name: &[u8], value: u64) -> Vec<u8> {
        let mut out = Writer::with_capacity(32);
        out.bytes(1, name);
        out.varint(3, value);
        out.finish()
    }

    fn model() -> Vec<u8> {
        let mut node = Writer::with_capacity(64);
        for input in [b"q", b"s", b"z"] {
            node.bytes(NODE_INPUT, input);
        }
        node.bytes(NODE_OUTPUT, b"w");
        node.bytes(NODE_OP_TYPE, b"DequantizeLinear");
        node.bytes(NODE_ATTRIBUTE, &attribute(b"axis", 1));
        node.bytes(NODE_ATTRIBUTE, &attribute(b"block_size", 2));
        let mut graph = Writer::with_capacity(256);
        graph.bytes(GRAPH_NODE, &node.finish());
        graph.bytes(GRAPH_INITIALIZER, &tensor(b"q", &[2, 3], INT8, &[1, 255, 3, 4, 5, 6]));
        graph.bytes(GRAPH_INITIALIZER, &tensor(b"s", &[2, 2], FLOAT, &floats(&[0.5, 2.0, 1.0, 10.0])));
        graph.bytes(GRAPH_INITIALIZER, &tensor(b"z", &[2, 2], INT8, &[0, 1, 0, 0]));
        let mut model = Writer::with_capacity(256);
        model.varint(1, 6);
        model.bytes(MODEL_GRAPH, &graph.finish());
        model.finish()
    }

    #[test]
    fn blocks_become_plain_weights() {
        let out = expand(&model()).unwrap();
        let graph = Fields::new(&out).flatten().find_map(|f| match (f.number, f.payload) {
            (MODEL_GRAPH, Payload::Bytes(bytes)) => Some(bytes),
            _ => None,
        });
        let fields: Vec<Field> = Fields::new(graph.unwrap()).flatten().collect();
        assert_eq!(fields.len(), 1, "the node and its three sources are gone");
        let Payload::Bytes(weight) = fields[0].payload else { panic!("not a message") };
        assert_eq!(name_of(weight, TENSOR_NAME).unwrap(), b"w");
        let weight = read_tensor(weight).unwrap();
        assert_eq!(weight.dims, [2, 3]);
        assert_eq!(weight.numbers().unwrap(), [0.5, -0.5, 4.0, 4.0, 5.0, 60.0]);
    }

    #[test]
    fn a_weight_of_another_size_than_it_says_is_refused() {
        let mut graph = Writer::with_capacity(64);
        graph.bytes(GRAPH_INITIALIZER, &tensor(b"q", &[u64::MAX, 9], INT8, &[1]));
        let bytes = graph.finish();
        let (_, weight) = bytes.split_at(2);
        assert!(matches!(read_tensor(weight), Err(OnnxError::Damaged)));
    }

    proptest::proptest! {
        #[test]
        fn damage_is_an_error_or_harmless(at in 0usize..400, by in 1u8..=255, cut in 0usize..400) {
            let mut bytes = model();
            let at = at % bytes.len();
            bytes[at] ^= by;
            bytes.truncate(cut.max(1));
            let _ = expand(&bytes);
        }
    }
}
