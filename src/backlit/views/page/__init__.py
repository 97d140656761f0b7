"""Figures as HTML: one self-contained page that opens from disk, in both languages, on a light or a dark ground."""

from backlit.views.page.blocks import Block as Block
from backlit.views.page.blocks import figure_block as figure_block
from backlit.views.page.cards_html import cards_html as cards_html
from backlit.views.page.document import PageTheme as PageTheme
from backlit.views.page.document import make_page as make_page
from backlit.views.page.drawn import figure_data as figure_data
from backlit.views.page.markup import escaped as escaped
from backlit.views.page.markup import said as said
from backlit.views.page.markup import table_html as table_html
from backlit.views.page.parts import page_text as page_text
