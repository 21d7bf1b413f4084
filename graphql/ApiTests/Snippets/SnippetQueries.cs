using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>Writes a test request as programs.</summary>
[QueryType]
public sealed class SnippetQueries(IOptions<CardOptions> options)
{
    /// <summary>A request as programs to copy, one in each language. They take the key from the environment variable <c>DEPLOYCARD_KEY</c>, print the status code and the answer, and need nothing installed beside their language.</summary>
    /// <param name="input">The request, as <c>testRequest</c> sends it.</param>
    public IReadOnlyList<Snippet> Snippets(TestRequestInput input)
    {
        if (!DeploymentName.TryParse(input.Deployment, out _))
            throw new ApiException(ErrorCodes.Invalid, $"'{input.Deployment}' is no name of a deployment: {DeploymentName.Allowed}.");
        if (input.Path is not ['/', ..])
            throw new ApiException(ErrorCodes.Invalid, "path must begin with a slash.");
        var request = SnippetRequest.Of(options.Value.PublicUrl, input);
        return
        [
            new(SnippetLanguage.Curl, CurlSnippet.Of(request)),
            new(SnippetLanguage.Python, PythonSnippet.Of(request)),
            new(SnippetLanguage.Javascript, JavaScriptSnippet.Of(request)),
            new(SnippetLanguage.Csharp, CSharpSnippet.Of(request)),
        ];
    }
}

/// <summary>A request as a program.</summary>
/// <param name="Language">What it is written in.</param>
/// <param name="Code">Its text.</param>
public sealed record Snippet(SnippetLanguage Language, string Code);

/// <summary>What a snippet is written in.</summary>
public enum SnippetLanguage
{
    /// <summary>A command line for a POSIX shell with curl.</summary>
    Curl,

    /// <summary>Python 3.</summary>
    Python,

    /// <summary>JavaScript: a module for Node.js 18 or later.</summary>
    Javascript,

    /// <summary>C# 10 or later: the whole of a program.</summary>
    Csharp,
}
