//! The registry of listed industries and their bounds in codes.
