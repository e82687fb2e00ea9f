//! The three strands: transform, foster and build.
