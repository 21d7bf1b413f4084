using System.Security.Cryptography;
using System.Text;
using DeployCard.GraphQL.Engine.Errors;
using GraphQL.Transport;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Automatic persisted queries, as implemented by Apollo and urql: a client sends the SHA-256 of a query instead of its text
/// (<c>extensions.persistedQuery</c>), and repeats the request with the text if the hash is unknown. Each silo has a separate cache.
/// </summary>
internal sealed class PersistedOperations(IOptions<GraphQLOptions> options)
{
    private const string Extension = "persistedQuery";

    // Clients compare the message with exactly this text.
    private const string NotFound = "PersistedQueryNotFound";

    private readonly BoundedCache<string> texts = new(options.Value.MaxPersistedOperations);

    /// <summary>Whether a request identifies its query by a hash.</summary>
    public static bool HasHash(GraphQLRequest request) => request.Extensions?.ContainsKey(Extension) == true;

    /// <summary>Returns the query that the request contains or identifies, or the error that explains why it is missing.</summary>
    public (string? Query, RejectionError? Error) Resolve(GraphQLRequest request)
    {
        if (!HasHash(request))
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
                    "extensions.persistedQuery.sha256Hash must be the SHA-256 of the query in 64 hexadecimal digits."
                )
            );
        return string.IsNullOrEmpty(request.Query) ? Find(hash) : Register(hash, request.Query);
    }

    private (string?, RejectionError?) Find(string hash) =>
        texts.Find(hash.ToLowerInvariant()) is { } query ? (query, null) : (null, new(ErrorCodes.PersistedQueryNotFound, NotFound));

    private (string?, RejectionError?) Register(string hash, string query)
    {
        var actual = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(query)));
        if (!actual.Equals(hash, StringComparison.OrdinalIgnoreCase))
            return (null, new(ErrorCodes.InvalidRequest, "extensions.persistedQuery.sha256Hash is not the SHA-256 of the query."));
        texts.Add(actual, query);
        return (query, null);
    }
}
