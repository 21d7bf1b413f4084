namespace DeployCard.GraphQL.Engine.Errors;

/// <summary>The codes that the engine itself gives. They are ours, so that a change of library changes none of them.</summary>
internal static class ErrorCodes
{
    public const string Internal = "INTERNAL";
    public const string SiloAway = "TEMPORARILY_UNAVAILABLE";
    public const string StorageAway = "STORAGE_UNAVAILABLE";
    public const string Unauthenticated = "UNAUTHENTICATED";
    public const string ValidationFailed = "VALIDATION_FAILED";
    public const string InvalidRequest = "INVALID_REQUEST";
    public const string InvalidDocument = "GRAPHQL_VALIDATION_FAILED";
    public const string UnreadableDocument = "GRAPHQL_PARSE_FAILED";
    public const string TooDeep = "QUERY_TOO_DEEP";
    public const string TooComplex = "QUERY_TOO_COMPLEX";
    public const string IntrospectionOff = "INTROSPECTION_DISABLED";
    public const string TooManyTokens = "TOO_MANY_TOKENS";
    public const string TooManyAliases = "TOO_MANY_ALIASES";
    public const string PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND";
    public const string MutationByGet = "MUTATION_OVER_GET";
    public const string PreflightRequired = "PREFLIGHT_REQUIRED";
    public const string TooManySubscriptions = "TOO_MANY_SUBSCRIPTIONS";
    public const string TooManyOperations = "TOO_MANY_OPERATIONS";
    public const string StreamNeedsEvents = "SUBSCRIPTION_REQUIRES_STREAM";
}
