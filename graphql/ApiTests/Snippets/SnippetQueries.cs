using DeployCard.Common.Text;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>Queries that write a test request as code snippets.</summary>
[QueryType]
public sealed class SnippetQueries(IOptions<CardOptions> options)
{
    /// <summary>
    /// Returns the request as ready-to-run code, one snippet per language. Each snippet reads the key from the environment variable
    /// <c>DEPLOYCARD_KEY</c>, prints the status code and the response body, and needs no additional packages.
    /// </summary>
    /// <param name="input">Request to write, as <c>testRequest</c> would send it.</param>
    public IReadOnlyList<Snippet> Snippets(TestRequestInput input)
    {
        if (!DeploymentName.TryParse(input.Deployment, out _))
            throw new ApiException(
                ErrorCodes.InvalidInput,
                $"'{DisplayText.Shorten(input.Deployment)}' is not a deployment name; use {DeploymentName.Allowed}."
            );
        if (input.Path is not ['/', ..])
            throw new ApiException(ErrorCodes.InvalidInput, "path must begin with a slash.");
        var request = SnippetRequest.From(options.Value.PublicUrl, input);
        return
        [
            new(SnippetLanguage.Curl, CurlSnippet.Create(request)),
            new(SnippetLanguage.Python, PythonSnippet.Create(request)),
            new(SnippetLanguage.Javascript, JavaScriptSnippet.Create(request)),
            new(SnippetLanguage.Csharp, CSharpSnippet.Create(request)),
        ];
    }
}

/// <summary>A test request written in one language.</summary>
/// <param name="Language">Language of the snippet.</param>
/// <param name="Code">Source code of the snippet.</param>
public sealed record Snippet(SnippetLanguage Language, string Code);

/// <summary>Language of a snippet.</summary>
public enum SnippetLanguage
{
    /// <summary>curl command line for a POSIX shell.</summary>
    Curl,

    /// <summary>Python 3 program that uses only the standard library.</summary>
    Python,

    /// <summary>JavaScript module for Node.js 18 or later.</summary>
    Javascript,

    /// <summary>Complete C# program, C# 10 (.NET 6) or later.</summary>
    Csharp,
}
