"""The table of layers: what each gives, what it holds, how strong its outputs and its gradient are."""

from rich.table import Table

from backlit.language import say, text
from backlit.measure import LayerRow


def draw_layers(rows: list[LayerRow], *, n_params: int) -> Table:
    """One row a layer.

    Args:
        rows: From `measure.measure_layers`.
        n_params: Numbers in all weights.

    Returns:
        The table, with the sum below.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_footer=True, header_style="bold")
    table.add_column(say(text("layer")), say(text("in all")), overflow="fold")
    table.add_column(say(text("output")), no_wrap=True)
    table.add_column(say(text("parameters")), f"{n_params:,}", overflow="fold")
    table.add_column(say(text("activation (mean ± spread)")), justify="right", max_width=17)
    table.add_column(say(text("gradient (length)")), justify="right", max_width=8)
    for row in rows:
        table.add_row(
            f"{row.name} [dim]{row.kind}[/]" if row.kind.lower() not in row.name else row.name,
            "–" if row.output_shape is None else "×".join(str(size) for size in row.output_shape) or "1",
            row.formula,
            "–" if row.activation_mean is None else f"{row.activation_mean:.3g} ± {row.activation_std:.3g}",
            "–" if row.gradient_norm is None else f"{row.gradient_norm:.3g}",
        )
    return table
