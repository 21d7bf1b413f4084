namespace DeployCard.GraphQL.Engine.Errors;

/// <summary>Error codes of the engine. They do not use the library's codes, so that a change of library does not affect clients.</summary>
internal static class ErrorCodes
{
    /// <summary>An unexpected error occurred. The log of the silo has the details.</summary>
    public const string Internal = "INTERNAL";

    /// <summary>The silo that handles the resource is being replaced. The operation can be retried after a short delay.</summary>
    public const string TemporarilyUnavailable = "TEMPORARILY_UNAVAILABLE";

    /// <summary>The database is unreachable or rejects the operation. The operation can be retried.</summary>
    public const string StorageUnavailable = "STORAGE_UNAVAILABLE";

    /// <summary>The administrator token is missing or wrong.</summary>
    public const string Unauthenticated = "UNAUTHENTICATED";

    /// <summary>The length or range of an argument or input field is not allowed.</summary>
    public const string ValidationFailed = "VALIDATION_FAILED";

    /// <summary>The HTTP request or the WebSocket message is not a valid GraphQL request.</summary>
    public const string InvalidRequest = "INVALID_REQUEST";

    /// <summary>The document does not match the schema.</summary>
    public const string InvalidDocument = "GRAPHQL_VALIDATION_FAILED";

    /// <summary>The document is not valid GraphQL syntax.</summary>
    public const string ParseFailed = "GRAPHQL_PARSE_FAILED";

    /// <summary>The operation nests more fields than <c>GraphQL:MaxDepth</c> allows.</summary>
    public const string TooDeep = "QUERY_TOO_DEEP";

    /// <summary>The operation requests more fields than <c>GraphQL:MaxComplexity</c> allows.</summary>
    public const string TooComplex = "QUERY_TOO_COMPLEX";

    /// <summary>The document asks for types of the schema while <c>GraphQL:Introspection</c> is off.</summary>
    public const string IntrospectionDisabled = "INTROSPECTION_DISABLED";

    /// <summary>The document has more tokens than <c>GraphQL:MaxTokens</c> allows.</summary>
    public const string TooManyTokens = "TOO_MANY_TOKENS";

    /// <summary>The document has more aliases than <c>GraphQL:MaxAliases</c> allows.</summary>
    public const string TooManyAliases = "TOO_MANY_ALIASES";

    /// <summary>No document with this hash is stored. The client must send the document together with the hash.</summary>
    public const string PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND";

    /// <summary>A mutation was sent with GET. Mutations need POST.</summary>
    public const string MutationOverGet = "MUTATION_OVER_GET";

    /// <summary>The request lacks a header that makes browsers send a preflight request.</summary>
    public const string PreflightRequired = "PREFLIGHT_REQUIRED";

    /// <summary>The token has more open subscriptions on this silo than <c>GraphQL:MaxSubscriptionsPerToken</c> allows.</summary>
    public const string TooManySubscriptions = "TOO_MANY_SUBSCRIPTIONS";

    /// <summary>The WebSocket has more open operations than <c>GraphQL:MaxOperationsPerSocket</c> allows.</summary>
    public const string TooManyOperations = "TOO_MANY_OPERATIONS";

    /// <summary>
    /// A subscription was sent with a transport that returns a single response. Subscriptions need a WebSocket or <c>text/event-stream</c>.
    /// </summary>
    public const string SubscriptionRequiresStream = "SUBSCRIPTION_REQUIRES_STREAM";
}
