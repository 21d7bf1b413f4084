using DeployCard.GraphQL.Readmes;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>Rendering Markdown as safe HTML.</summary>
public sealed class ReadmeRendererTests
{
    [Theory]
    [InlineData("| a | b |\n|---|:-:|\n| 1 | 2 |", "<table>")]
    [InlineData("- [x] done\n- [ ] open", "type=\"checkbox\"")]
    [InlineData("~~gone~~", "<del>gone</del>")]
    [InlineData("see https://example.org/a", "<a href=\"https://example.org/a\"")]
    [InlineData("```python\nprint(1)\n```", "<code class=\"language-python\">")]
    [InlineData("text[^1]\n\n[^1]: the note", "the note")]
    [InlineData("> [!WARNING]\n> hot", "markdown-alert-warning")]
    [InlineData("# A heading", "<h1 id=\"readme-a-heading\">")]
    [InlineData("[there](#a-heading)", "href=\"#readme-a-heading\"")]
    public void GitHub_Flavored_Markdown_is_rendered(string markdown, string html) => ReadmeRenderer.Render(markdown).ShouldContain(html);

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](JaVaScRiPt&colon;alert(1))")]
    [InlineData("<a href=\"vbscript:x\">y</a>")]
    [InlineData("<a href=\"data:text/html,<script>alert(1)</script>\">y</a>")]
    [InlineData("<svg onload=alert(1)><script>alert(1)</script></svg>")]
    [InlineData("<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>")]
    [InlineData("<iframe src=\"https://example.org\"></iframe>")]
    [InlineData("<object data=x></object><embed src=x>")]
    [InlineData("<form action=/x><button formaction=javascript:alert(1)>y</button><input type=text></form>")]
    [InlineData("<div style=\"background:url(javascript:alert(1))\">y</div>")]
    [InlineData("<style>@import 'x'</style>")]
    [InlineData("<base href=//example.org><meta http-equiv=refresh content=0><link rel=stylesheet href=x>")]
    [InlineData("![x](javascript:alert(1))")]
    [InlineData("`</code><script>alert(1)</script>`")]
    public void Dangerous_HTML_is_removed(string markdown)
    {
        var html = ReadmeRenderer.Render(markdown);
        foreach (
            var bad in new[]
            {
                "<script",
                "onerror=",
                "onload=",
                "href=\"javascript",
                "href=\"vbscript",
                "href=\"data:",
                "src=\"javascript",
                "<iframe",
                "<object",
                "<embed",
                "<form",
                "<button",
                "style=",
                "<style",
                "<base",
                "<meta",
                "<link",
                "type=\"text\"",
                "<svg",
            }
        )
            html.ShouldNotContain(bad, Case.Insensitive);
    }

    [Theory]
    [InlineData("<img name=\"getElementById\" src=\"https://example.org/a.png\">")]
    [InlineData("<a name=\"cookie\" href=\"/x\">y</a>")]
    [InlineData("<input type=\"checkbox\" name=\"body\">")]
    [InlineData("<map name=\"m\"><area href=\"/x\"></map>")]
    public void Name_attributes_are_removed(string markdown) => ReadmeRenderer.Render(markdown).ShouldNotContain("name=");

    [Theory]
    [InlineData("<p id=\"app\">y</p>", "id=\"readme-app\"")]
    [InlineData("<p id=\"readme-app\">y</p>", "id=\"readme-readme-app\"")]
    public void Ids_get_a_prefix(string markdown, string html) => ReadmeRenderer.Render(markdown).ShouldContain(html);

    [Fact]
    public void Check_boxes_are_disabled() => ReadmeRenderer.Render("<input type=\"checkbox\">").ShouldContain("disabled");

    [Fact]
    public void Readmes_are_rendered_concurrently() =>
        Parallel.For(0, 200, i => ReadmeRenderer.Render($"# {i}\n\n- [x] <script>{i}</script>").ShouldContain($"readme-{i}"));
}
