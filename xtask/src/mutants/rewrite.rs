//! Where a program can be broken, and how the breakages are written into it.

use proc_macro2::Span;
use quote::ToTokens;
use serde::Serialize;
use std::fmt;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Block, Expr, ImplItemFn, ItemFn, ItemMod, ReturnType, Signature, Stmt, Type, UnOp, parse_quote};

/// Names the mutant to turn on; 0 or nothing is the program as written.
pub(crate) const VARIABLE: &str = "PROOFMARK_MUTANT";

/// What the broken crate gets appended.
pub(crate) const SWITCH: &str = r#"
pub mod mutant {
    //! Which breakage is on.
    static ACTIVE: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {
        std::env::var("PROOFMARK_MUTANT").ok().and_then(|id| id.parse().ok()).unwrap_or(0)
    });
    /// Whether it is this one.
    pub fn on(id: u32) -> bool {
        *ACTIVE == id
    }
}
"#;

/// One breakage.
#[derive(Debug, Serialize)]
pub(crate) struct Mutant {
    pub(crate) id: u32,
    file: String,
    line: usize,
    function: String,
    change: String,
}

impl Mutant {
    pub(crate) fn matches(&self, filter: Option<&str>) -> bool {
        filter.is_none_or(|filter| self.to_string().contains(filter))
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mutant { id, file, line, function, change } = self;
        write!(formatter, "{id:4} {file}:{line} {function}: {change}")
    }
}

/// Writes every breakage of a file into it, and notes each.
pub(crate) fn rewrite(file: &str, text: &str, mutants: &mut Vec<Mutant>) -> Result<String, String> {
    let mut tree = syn::parse_file(text).map_err(|error| format!("cannot parse {file}: {error}"))?;
    let mut rewriter = Rewriter { file: file.to_owned(), function: String::new(), mutants };
    rewriter.visit_file_mut(&mut tree);
    Ok(prettyplease::unparse(&tree))
}

struct Rewriter<'a> {
    file: String,
    function: String,
    mutants: &'a mut Vec<Mutant>,
}

impl Rewriter<'_> {
    fn add(&mut self, span: Span, change: impl Into<String>) -> u32 {
        let id = u32::try_from(self.mutants.len() + 1).unwrap_or(u32::MAX);
        let (file, function) = (self.file.clone(), self.function.clone());
        self.mutants.push(Mutant { id, file, line: span.start().line, function, change: change.into() });
        id
    }

    /// Breaks a function: its statements and expressions, and then the whole of it.
    fn function(&mut self, signature: &Signature, block: &mut Block) {
        if signature.constness.is_some() {
            return;
        }
        let outer = std::mem::replace(&mut self.function, signature.ident.to_string());
        visit_mut::visit_block_mut(self, block);
        for (value, shown) in replacements(signature) {
            let id = self.add(signature.span(), format!("return {shown} at once"));
            block.stmts.insert(0, parse_quote!(if crate::mutant::on(#id) { return #value; }));
        }
        self.function = outer;
    }

    fn break_binary(&mut self, expression: &mut Expr) {
        let Expr::Binary(binary) = expression else { return };
        let Some(other) = other_operator(&binary.op) else { return };
        if contains_let(&binary.left) || contains_let(&binary.right) {
            return;
        }
        let change = format!("`{}` becomes `{}`", shown(&binary.op), shown(&other));
        let id = self.add(binary.span(), change);
        let mut broken = binary.clone();
        broken.op = other;
        let original = binary.clone();
        *expression = parse_quote!((if crate::mutant::on(#id) { #broken } else { #original }));
    }

    fn break_not(&mut self, expression: &mut Expr) {
        let Expr::Unary(unary) = expression else { return };
        if !matches!(unary.op, UnOp::Not(_)) {
            return;
        }
        let id = self.add(unary.span(), format!("`{}` loses its `!`", shown(&unary)));
        let (inner, original) = (unary.expr.clone(), unary.clone());
        *expression = parse_quote!((if crate::mutant::on(#id) { #inner } else { #original }));
    }

    fn break_condition(&mut self, condition: &mut Expr, what: &str) {
        if contains_let(condition) {
            return;
        }
        let id = self.add(condition.span(), format!("{what} `{}` never holds", shown(condition)));
        let original = condition.clone();
        *condition = parse_quote!((if crate::mutant::on(#id) { false } else { #original }));
    }

    fn delete_statement(&mut self, statement: &mut Stmt) {
        let Stmt::Expr(expression, Some(_)) = statement else { return };
        if !matches!(expression, Expr::MethodCall(_) | Expr::Call(_) | Expr::Assign(_) | Expr::Try(_) | Expr::Binary(_))
        {
            return;
        }
        let change = format!("without `{}`", shown(expression));
        let id = self.add(expression.span(), change);
        let original = statement.clone();
        *statement = parse_quote!(if !crate::mutant::on(#id) { #original });
    }
}

impl VisitMut for Rewriter<'_> {
    fn visit_item_fn_mut(&mut self, item: &mut ItemFn) {
        let signature = item.sig.clone();
        self.function(&signature, &mut item.block);
    }

    fn visit_impl_item_fn_mut(&mut self, item: &mut ImplItemFn) {
        let signature = item.sig.clone();
        self.function(&signature, &mut item.block);
    }

    fn visit_item_mod_mut(&mut self, item: &mut ItemMod) {
        let is_test = item.attrs.iter().any(|attribute| attribute.to_token_stream().to_string().contains("test"));
        if !is_test {
            visit_mut::visit_item_mod_mut(self, item);
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        self.break_binary(expression);
        self.break_not(expression);
        if let Expr::If(conditional) = expression
            && conditional.else_branch.is_none()
        {
            self.break_condition(&mut conditional.cond, "the condition");
        }
    }

    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        visit_mut::visit_arm_mut(self, arm);
        if let syn::Pat::Guard(guarded) = &mut arm.pat {
            self.break_condition(&mut guarded.guard, "the guard");
        }
    }

    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        visit_mut::visit_stmt_mut(self, statement);
        self.delete_statement(statement);
    }

    // Patterns and constants cannot ask a function.
    fn visit_pat_mut(&mut self, _: &mut syn::Pat) {}
    fn visit_item_const_mut(&mut self, _: &mut syn::ItemConst) {}
    fn visit_item_static_mut(&mut self, _: &mut syn::ItemStatic) {}
    fn visit_type_mut(&mut self, _: &mut Type) {}
}

fn other_operator(operator: &BinOp) -> Option<BinOp> {
    Some(match operator {
        BinOp::Lt(_) => parse_quote!(<=),
        BinOp::Le(_) => parse_quote!(<),
        BinOp::Gt(_) => parse_quote!(>=),
        BinOp::Ge(_) => parse_quote!(>),
        BinOp::Eq(_) => parse_quote!(!=),
        BinOp::Ne(_) => parse_quote!(==),
        BinOp::And(_) => parse_quote!(||),
        BinOp::Or(_) => parse_quote!(&&),
        BinOp::Add(_) => parse_quote!(-),
        BinOp::Sub(_) => parse_quote!(+),
        _ => return None,
    })
}

fn contains_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => contains_let(&binary.left) || contains_let(&binary.right),
        _ => false,
    }
}

/// What a function could return at once instead of doing its work.
fn replacements(signature: &Signature) -> Vec<(Expr, &'static str)> {
    let ReturnType::Type(_, output) = &signature.output else {
        return vec![(parse_quote!(()), "()")];
    };
    let text: String = output.to_token_stream().to_string().split_whitespace().collect();
    let default_inside = ["Output", "Empty", "usize", "()"];
    match text.as_str() {
        "bool" => vec![(parse_quote!(true), "true"), (parse_quote!(false), "false")],
        "usize" | "i64" => vec![(parse_quote!(0), "0")],
        "Duration" => vec![(parse_quote!(Duration::ZERO), "no time")],
        "String" => vec![(parse_quote!(String::new()), "no text")],
        text if text.starts_with("Option<") => vec![(parse_quote!(None), "None")],
        text if text.starts_with("Vec<") => vec![(parse_quote!(Vec::new()), "nothing")],
        text if text.starts_with("Result<(),") => vec![(parse_quote!(Ok(())), "Ok(())")],
        text if text.starts_with("Result<Option<") => vec![(parse_quote!(Ok(None)), "Ok(None)")],
        text if text.starts_with("Result<") && default_inside.iter().any(|name| text.contains(&format!("{name},"))) => {
            vec![(parse_quote!(Ok(Default::default())), "an empty answer")]
        }
        _ => Vec::new(),
    }
}

fn shown(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    if text.len() <= 60 { text } else { format!("{}…", text.chars().take(60).collect::<String>()) }
}
