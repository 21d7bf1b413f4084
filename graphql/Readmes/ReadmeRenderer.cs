using Ganss.Xss;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;

namespace DeployCard.GraphQL.Readmes;

/// <summary>
/// Renders a readme as HTML: GitHub Flavored Markdown (tables, task lists, strikethrough, autolinks, fenced code) with footnotes and
/// alerts. The HTML is sanitized, so that a page can show it unchanged: it contains no scripts, styles, forms or frames.
/// </summary>
public static class ReadmeRenderer
{
    /// <summary>Prefix of every id, so that an anchor in a readme cannot hide an id of the page.</summary>
    private const string IdPrefix = "readme-";

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables()
        .UseTaskLists()
        .UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough)
        .UseAutoLinks()
        .UseFootnotes()
        .UseAlertBlocks()
        .UseAutoIdentifiers(AutoIdentifierOptions.GitHub)
        .Build();

    private static readonly HtmlSanitizer Sanitizer = CreateSanitizer();

    /// <summary>Renders <paramref name="markdown"/> as a safe HTML fragment without a body element.</summary>
    public static string Render(string markdown) => Sanitizer.Sanitize(Markdown.ToHtml(markdown, Pipeline));

    private static HtmlSanitizer CreateSanitizer()
    {
        var sanitizer = new HtmlSanitizer();
        // Task lists are disabled check boxes; all other form elements are removed.
        sanitizer.AllowedTags.ExceptWith([
            "form",
            "button",
            "select",
            "textarea",
            "option",
            "optgroup",
            "fieldset",
            "legend",
            "label",
            "datalist",
            "keygen",
            "menuitem",
        ]);
        // A name attribute can shadow properties of the document, as an id without a prefix can (DOM clobbering).
        sanitizer.AllowedAttributes.ExceptWith(["style", "name"]);
        sanitizer.AllowedAttributes.UnionWith(["class", "id", "type", "checked", "disabled", "role", "align"]);
        sanitizer.AllowedSchemes.Add("mailto");
        sanitizer.AllowedCssProperties.Clear();
        sanitizer.PostProcessNode += (_, e) =>
        {
            if (e.Node is not AngleSharp.Dom.IElement element)
                return;
            if (element is AngleSharp.Html.Dom.IHtmlInputElement { Type: not "checkbox" })
                element.Remove();
            else if (element is AngleSharp.Html.Dom.IHtmlInputElement)
                element.SetAttribute("disabled", "disabled");
            if (element is AngleSharp.Html.Dom.IHtmlAnchorElement)
                element.SetAttribute("rel", "nofollow noopener noreferrer");
            if (element.Id is { Length: > 0 } id)
                element.Id = IdPrefix + id;
            if (element.GetAttribute("href") is ['#', .. { Length: > 0 } target])
                element.SetAttribute("href", "#" + IdPrefix + target);
        };
        return sanitizer;
    }
}
