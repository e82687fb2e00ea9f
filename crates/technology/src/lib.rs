//! Specialisation, growth and complexity of technology fields.
