using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DeployCard.Repository.Tests.Prose;

/// <summary>The text in C# files: documentation, comments, messages and the names of tests.</summary>
internal static partial class CSharpProse
{
    public static IEnumerable<ProseFragment> Read(string path)
    {
        var tree = CSharpSyntaxTree.ParseText(RepositoryFiles.Read(path));
        var root = tree.GetRoot();
        var isTest = path.StartsWith("tests/", StringComparison.Ordinal);
        foreach (var trivia in root.DescendantTrivia(descendIntoTrivia: false))
        {
            if (trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia))
                yield return At(trivia.GetLocation(), trivia.ToString().TrimStart('/', '*', ' '), ProseKind.Comment);
            else if (trivia.GetStructure() is DocumentationCommentTriviaSyntax documentation)
                yield return At(trivia.GetLocation(), PlainText(documentation), ProseKind.Documentation);
        }

        if (isTest)
        {
            foreach (var method in root.DescendantNodes().OfType<MethodDeclarationSyntax>())
            {
                if (method.Identifier.Text.Contains('_'))
                    yield return At(method.Identifier.GetLocation(), method.Identifier.Text.Replace('_', ' '), ProseKind.TestName);
            }

            yield break;
        }

        foreach (var node in root.DescendantNodes())
        {
            var text = node switch
            {
                LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.StringLiteralExpression) => literal.Token.ValueText,
                InterpolatedStringExpressionSyntax interpolated => Text(interpolated),
                _ => null,
            };
            if (text is not null && IsMessage(text))
                yield return At(node.GetLocation(), text, ProseKind.Message);
        }

        ProseFragment At(Location location, string text, ProseKind kind) =>
            new(path, location.GetLineSpan().StartLinePosition.Line + 1, text.ReplaceLineEndings(" "), kind);
    }

    /// <summary>Descriptions of at most three words, and summaries whose first word does not refer to a noun.</summary>
    public static IEnumerable<ProseFragment> WeakDescriptions(string path)
    {
        var root = CSharpSyntaxTree.ParseText(RepositoryFiles.Read(path)).GetRoot();
        foreach (var element in root.DescendantNodes(descendIntoTrivia: true).OfType<XmlElementSyntax>())
        {
            var name = element.StartTag.Name.LocalName.Text;
            if (name is not ("summary" or "param" or "returns" or "value" or "exception" or "typeparam"))
                continue;
            var text = PlainText(element);
            var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
            if (words <= 3 || (name is "summary" && Opening().IsMatch(text)))
                yield return new(path, element.GetLocation().GetLineSpan().StartLinePosition.Line + 1, text, ProseKind.Documentation);
        }
    }

    /// <summary>At least three words, and neither SQL nor code.</summary>
    private static bool IsMessage(string text) => text.Count(c => c == ' ') >= 2 && !NotProse().IsMatch(text);

    private static string Text(InterpolatedStringExpressionSyntax interpolated)
    {
        var text = new StringBuilder();
        foreach (var content in interpolated.Contents)
            text.Append(content is InterpolatedStringTextSyntax part ? part.TextToken.ValueText : "X");
        return text.ToString();
    }

    private static string PlainText(SyntaxNode documentation)
    {
        var text = new StringBuilder();
        foreach (var token in documentation.DescendantTokens())
        {
            if (token.IsKind(SyntaxKind.XmlTextLiteralToken) || token.IsKind(SyntaxKind.XmlEntityLiteralToken))
                text.Append(IsCode(token.Parent) ? "X" : token.ValueText);
            else if (token.IsKind(SyntaxKind.XmlTextLiteralNewLineToken))
                text.Append(' ');
            else if (token.IsKind(SyntaxKind.SlashGreaterThanToken))
                text.Append('X');
        }

        return Space().Replace(text.ToString(), " ").Trim();
    }

    private static bool IsCode(SyntaxNode? node) => node?.Parent is XmlElementSyntax { StartTag.Name.LocalName.Text: "c" or "code" };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"^(What|Who|Where|When|How|It|Its|They|That|Which|Those|These)\b")]
    private static partial Regex Opening();

    [GeneratedRegex(@"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|FROM|WHERE|ORDER BY|PRAGMA|VALUES|ON CONFLICT)\b|=>|\(\)|[{};]\s*$|^\s*[<{#]")]
    private static partial Regex NotProse();
}
