//! One list per service names its operations; everything else about them is generated from it. And how shapes are
//! declared.

/// Declares a service's operations from one list of `Name(Input) -> Output`.
///
/// Generates `Operation` (the names), `Request` and `Response` (an input or output of any of them), and the
/// two-way serde dispatch that the protocols of `proofmark-wire` are built on.
macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident($input:ty) -> $output:ty;)*) => {
        /// The operations of the service, by AWS's names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Operation { $($(#[$doc])* $name,)* }

        /// A request: one operation with its input.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Request { $($(#[$doc])* $name($input),)* }

        /// A response: one operation with its output.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Response { $($(#[$doc])* $name($output),)* }

        impl Operation {
            /// Every operation, in the order of the list.
            pub const ALL: &'static [Operation] = &[$(Operation::$name),*];

            /// AWS's name of the operation.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Operation::$name => stringify!($name),)* }
            }

            /// The operation of that name, if the service has one.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $(stringify!($name) => Some(Operation::$name),)* _ => None }
            }

            /// Reads this operation's input from any serde format.
            ///
            /// # Errors
            /// The format's own error when the input has another shape.
            pub fn read_request<'de, D: serde::Deserializer<'de>>(self, from: D) -> Result<Request, D::Error> {
                match self {
                    $(Operation::$name => <$input as serde::Deserialize>::deserialize(from).map(Request::$name),)*
                }
            }

            /// Reads this operation's output from any serde format, as a client does.
            ///
            /// # Errors
            /// The format's own error when the output has another shape.
            pub fn read_response<'de, D: serde::Deserializer<'de>>(self, from: D) -> Result<Response, D::Error> {
                match self {
                    $(Operation::$name => <$output as serde::Deserialize>::deserialize(from).map(Response::$name),)*
                }
            }
        }

        impl Request {
            /// Which operation this is a request for.
            #[must_use]
            pub const fn operation(&self) -> Operation {
                match self { $(Request::$name(_) => Operation::$name,)* }
            }
        }

        impl Response {
            /// Which operation this is a response of.
            #[must_use]
            pub const fn operation(&self) -> Operation {
                match self { $(Response::$name(_) => Operation::$name,)* }
            }
        }

        impl serde::Serialize for Request {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Request::$name(input) => input.serialize(serializer),)* }
            }
        }

        impl serde::Serialize for Response {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Response::$name(output) => output.serialize(serializer),)* }
            }
        }
    };
}

/// Declares a structure whose members are all optional and travel under AWS's PascalCase names.
macro_rules! input {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", default)]
        pub struct $name {
            $(
                $(#[$field_doc])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
        }
    };
}

pub(crate) use {input, operations};
