using System.ComponentModel.DataAnnotations;

namespace DeployCard.GraphQL;

/// <summary>Limits of the GraphQL endpoint (section <c>GraphQL</c>).</summary>
public sealed class GraphQLOptions
{
    private const string MinDuration = "00:00:00.001";
    private const string MaxDuration = "01:00:00";

    /// <summary>Name of the configuration section.</summary>
    public const string Section = "GraphQL";

    /// <summary>Maximum size of an HTTP request body in bytes.</summary>
    [Range(1024, int.MaxValue)]
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>Maximum size of a WebSocket message in bytes.</summary>
    [Range(1024, int.MaxValue)]
    public int MaxMessageBytes { get; set; } = 1024 * 1024;

    /// <summary>Maximum number of concurrent operations on one WebSocket.</summary>
    [Range(1, int.MaxValue)]
    public int MaxOperationsPerSocket { get; set; } = 100;

    /// <summary>Maximum number of open subscriptions per token on one silo, over all transports.</summary>
    [Range(1, int.MaxValue)]
    public int MaxSubscriptionsPerToken { get; set; } = 1000;

    /// <summary>Maximum nesting depth of the fields of an operation.</summary>
    [Range(1, int.MaxValue)]
    public int MaxDepth { get; set; } = 15;

    /// <summary>
    /// Maximum number of fields that an operation may resolve. A field in a list counts once for each element of the page.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxComplexity { get; set; } = 20_000;

    /// <summary>Maximum number of tokens (names, values, brackets) in a document.</summary>
    [Range(100, int.MaxValue)]
    public int MaxTokens { get; set; } = 10_000;

    /// <summary>Maximum number of aliases in a document.</summary>
    [Range(0, int.MaxValue)]
    public int MaxAliases { get; set; } = 100;

    /// <summary>
    /// Number of persisted queries that are cached per silo, temporarily up to twice as many. 0 disables the cache.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int MaxPersistedOperations { get; set; } = 1000;

    /// <summary>Whether introspection is allowed. The playground requires introspection.</summary>
    public bool Introspection { get; set; } = true;

    /// <summary>
    /// Number of parsed documents that are cached per silo, temporarily up to twice as many. 0 disables the cache.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int MaxCachedDocuments { get; set; } = 500;

    /// <summary>Time within which a WebSocket client must send <c>connection_init</c>.</summary>
    [Range(typeof(TimeSpan), MinDuration, MaxDuration)]
    public TimeSpan ConnectionInitTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Interval of keep-alive messages on WebSockets and event streams.</summary>
    [Range(typeof(TimeSpan), MinDuration, MaxDuration)]
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time that a WebSocket client has to complete the close handshake before its connection is aborted.</summary>
    [Range(typeof(TimeSpan), MinDuration, MaxDuration)]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(1);
}
