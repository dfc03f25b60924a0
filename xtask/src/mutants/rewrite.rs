//! Where a program can be broken, and how the breakages are written into it.

use quote::ToTokens;
use serde::{Deserialize, Serialize};
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

/// What a mutant is called, from one version of the tree to the next: lines and numbers move, this does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Name {
    /// The folder whose code is broken.
    pub(crate) room: String,
    /// The file, relative to the room.
    pub(crate) file: String,
    /// The function.
    pub(crate) function: String,
    /// What becomes of the code.
    pub(crate) change: String,
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Name { room, file, function, change } = self;
        write!(formatter, "{room}/{file} {function}: {change}")
    }
}

/// One breakage.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Mutant {
    pub(crate) id: u32,
    line: usize,
    #[serde(flatten)]
    pub(crate) name: Name,
}

impl Mutant {
    pub(crate) fn matches(&self, filter: Option<&str>) -> bool {
        filter.is_none_or(|filter| self.to_string().contains(filter))
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mutant { id, line, name: Name { file, function, change, .. } } = self;
        write!(formatter, "{id:4} {file}:{line} {function}: {change}")
    }
}

/// Writes every breakage of a file into it, and notes each.
pub(crate) fn rewrite(room: &str, file: &str, text: &str, mutants: &mut Vec<Mutant>) -> Result<String, String> {
    let mut tree = syn::parse_file(text).map_err(|error| format!("cannot parse {file}: {error}"))?;
    let mut rewriter = Rewriter { room: room.to_owned(), file: file.to_owned(), function: String::new(), mutants };
    rewriter.visit_file_mut(&mut tree);
    Ok(prettyplease::unparse(&tree))
}

struct Rewriter<'a> {
    room: String,
    file: String,
    function: String,
    mutants: &'a mut Vec<Mutant>,
}

/// Where a piece of code stood and how it read before anything inside it was broken.
struct Original {
    line: usize,
    text: String,
}

impl Original {
    fn of(code: &impl Spanned) -> Self {
        let span = code.span();
        Original { line: span.start().line, text: span.source_text().map(|text| shortened(&text)).unwrap_or_default() }
    }
}

impl Rewriter<'_> {
    fn add(&mut self, line: usize, change: impl Into<String>) -> u32 {
        let id = u32::try_from(self.mutants.len() + 1).unwrap_or(u32::MAX);
        let (room, file, function) = (self.room.clone(), self.file.clone(), self.function.clone());
        let mut name = Name { room, file, function, change: change.into() };
        let plain = name.change.clone();
        let mut number = 1;
        while self.mutants.iter().any(|mutant| mutant.name == name) {
            number += 1;
            name.change = format!("{plain} (number {number})");
        }
        self.mutants.push(Mutant { id, line, name });
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
            let id = self.add(signature.span().start().line, format!("return {shown} at once"));
            block.stmts.insert(0, parse_quote!(if crate::mutant::on(#id) { return #value; }));
        }
        self.function = outer;
    }

    fn break_binary(&mut self, expression: &mut Expr, before: &Original) {
        let Expr::Binary(binary) = expression else { return };
        let Some(other) = other_operator(&binary.op) else { return };
        if contains_let(&binary.left) || contains_let(&binary.right) {
            return;
        }
        let change = format!("`{}` becomes `{}` in `{}`", shown(&binary.op), shown(&other), before.text);
        let id = self.add(before.line, change);
        let mut broken = binary.clone();
        broken.op = other;
        let original = binary.clone();
        *expression = parse_quote!((if crate::mutant::on(#id) { #broken } else { #original }));
    }

    fn break_not(&mut self, expression: &mut Expr, before: &Original) {
        let Expr::Unary(unary) = expression else { return };
        if !matches!(unary.op, UnOp::Not(_)) {
            return;
        }
        let id = self.add(before.line, format!("`{}` loses its `!`", before.text));
        let (inner, original) = (unary.expr.clone(), unary.clone());
        *expression = parse_quote!((if crate::mutant::on(#id) { #inner } else { #original }));
    }

    fn break_condition(&mut self, condition: &mut Expr, what: &str, before: &Original) {
        if contains_let(condition) {
            return;
        }
        let id = self.add(before.line, format!("{what} `{}` never holds", before.text));
        let original = condition.clone();
        *condition = parse_quote!((if crate::mutant::on(#id) { false } else { #original }));
    }

    fn delete_statement(&mut self, statement: &mut Stmt, before: &Original) {
        let Stmt::Expr(expression, Some(_)) = statement else { return };
        if !matches!(expression, Expr::MethodCall(_) | Expr::Call(_) | Expr::Assign(_) | Expr::Try(_) | Expr::Binary(_))
        {
            return;
        }
        let id = self.add(before.line, format!("without `{}`", before.text.trim_end_matches(';')));
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
        let before = Original::of(&match &*expression {
            Expr::If(conditional) => conditional.cond.as_ref(),
            whole => whole,
        });
        visit_mut::visit_expr_mut(self, expression);
        self.break_binary(expression, &before);
        self.break_not(expression, &before);
        if let Expr::If(conditional) = expression
            && conditional.else_branch.is_none()
        {
            self.break_condition(&mut conditional.cond, "the condition", &before);
        }
    }

    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        let before = match &arm.pat {
            syn::Pat::Guard(guarded) => Some(Original::of(&guarded.guard)),
            _ => None,
        };
        visit_mut::visit_arm_mut(self, arm);
        if let (syn::Pat::Guard(guarded), Some(before)) = (&mut arm.pat, before) {
            self.break_condition(&mut guarded.guard, "the guard", &before);
        }
    }

    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        let before = Original::of(statement);
        visit_mut::visit_stmt_mut(self, statement);
        self.delete_statement(statement, &before);
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
    tokens.to_token_stream().to_string()
}

/// Code on one line, as much of it as is needed to recognise it.
fn shortened(code: &str) -> String {
    let line = code.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 120 { line } else { format!("{}…", line.chars().take(120).collect::<String>()) }
}
