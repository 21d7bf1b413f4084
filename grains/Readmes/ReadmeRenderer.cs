using Ganss.Xss;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;

namespace DeployCard.Grains.Readmes;

/// <summary>
/// Makes HTML of a readme: GitHub Flavored Markdown (tables, task lists, strikethrough, autolinks, fenced code) with footnotes and alerts,
/// then sanitised, so that a page can show it as it is. Whatever a readme holds, no script, style, form or foreign frame comes through.
/// </summary>
public static class ReadmeRenderer
{
    /// <summary>Goes before every id, so that a readme's anchors never take the place of the page's own.</summary>
    private const string Prefix = "readme-";

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables()
        .UseTaskLists()
        .UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough)
        .UseAutoLinks()
        .UseFootnotes()
        .UseAlertBlocks()
        .UseAutoIdentifiers(AutoIdentifierOptions.GitHub)
        .Build();

    private static readonly HtmlSanitizer Sanitizer = MakeSanitizer();

    /// <summary>Safe HTML of <paramref name="markdown"/>, a fragment without a body around it.</summary>
    public static string Render(string markdown) => Sanitizer.Sanitize(Markdown.ToHtml(markdown, Pipeline));

    private static HtmlSanitizer MakeSanitizer()
    {
        var sanitizer = new HtmlSanitizer();
        // Task lists are disabled check boxes; nothing else of forms is let through.
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
        // A name takes the place of the document's own properties, as an id without a prefix would.
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
                element.Id = Prefix + id;
            if (element.GetAttribute("href") is ['#', .. { Length: > 0 } target])
                element.SetAttribute("href", "#" + Prefix + target);
        };
        return sanitizer;
    }
}
