//! Resource policies. (Filled in with the permissions of SQS.)
