using System.Security.Cryptography;
using System.Text;
using DeployCard.GraphQL.Engine.Errors;
using GraphQL.Transport;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Automatic persisted operations, as Apollo's and urql's clients speak of them: a client sends the SHA-256 of a text in place of the text
/// (<c>extensions.persistedQuery</c>), and with the text once where nobody here knows it. Each silo remembers on its own.
/// </summary>
internal sealed class PersistedOperations(IOptions<GraphQLOptions> options)
{
    private const string Extension = "persistedQuery";

    // Clients look for this very sentence.
    private const string NotFound = "PersistedQueryNotFound";

    private readonly BoundedCache<string> texts = new(options.Value.MaxPersistedOperations);

    /// <summary>Whether a request names a text by its hash.</summary>
    public static bool IsNamed(GraphQLRequest request) => request.Extensions?.ContainsKey(Extension) == true;

    /// <summary>The text that a request names or brings; or why there is none.</summary>
    public (string? Query, RefusedError? Error) Resolve(GraphQLRequest request)
    {
        if (!IsNamed(request))
            return (request.Query, null);
        if (
            request.Extensions![Extension] is not IDictionary<string, object?> named
            || named.TryGetValue("version", out var version) && version is not 1
        )
            return (null, new(ErrorCodes.InvalidRequest, "extensions.persistedQuery must be an object with version 1 and sha256Hash."));
        if (!named.TryGetValue("sha256Hash", out var given) || given is not string { Length: SHA256.HashSizeInBytes * 2 } hash)
            return (
                null,
                new(
                    ErrorCodes.InvalidRequest,
                    "extensions.persistedQuery.sha256Hash must be the SHA-256 of the text in 64 hexadecimal digits."
                )
            );
        return string.IsNullOrEmpty(request.Query) ? Known(hash) : Learn(hash, request.Query);
    }

    private (string?, RefusedError?) Known(string hash) =>
        texts.Find(hash.ToLowerInvariant()) is { } query ? (query, null) : (null, new(ErrorCodes.PersistedQueryNotFound, NotFound));

    private (string?, RefusedError?) Learn(string hash, string query)
    {
        var actual = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(query)));
        if (!actual.Equals(hash, StringComparison.OrdinalIgnoreCase))
            return (null, new(ErrorCodes.InvalidRequest, "extensions.persistedQuery.sha256Hash is not the SHA-256 of the query."));
        texts.Add(actual, query);
        return (query, null);
    }
}
