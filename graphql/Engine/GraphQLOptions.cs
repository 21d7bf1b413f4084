namespace DeployCard.GraphQL;

/// <summary>The limits of the GraphQL end point. They are checked when the server starts.</summary>
public sealed class GraphQLOptions
{
    /// <summary>Where the settings stand: <c>GraphQL:MaxDepth</c>, or <c>GraphQL__MaxDepth</c> in the environment.</summary>
    public const string Section = "GraphQL";

    /// <summary>The largest request over HTTP, in bytes. Default 1 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>The largest message on a WebSocket, in bytes. Default 1 MiB.</summary>
    public int MaxMessageBytes { get; set; } = 1024 * 1024;

    /// <summary>Operations open at the same time on one WebSocket. Default 100.</summary>
    public int MaxOperationsPerSocket { get; set; } = 100;

    /// <summary>Subscriptions of one token that are open at the same time on one silo, whatever they came by. Default 1,000.</summary>
    public int MaxSubscriptionsPerToken { get; set; } = 1000;

    /// <summary>How many levels of fields an operation may have. Default 15.</summary>
    public int MaxDepth { get; set; } = 15;

    /// <summary>How many fields an operation may touch, pages counted by their size. Default 20,000.</summary>
    public int MaxComplexity { get; set; } = 20_000;

    /// <summary>How many tokens (names, values, brackets) a document may have. Default 10,000.</summary>
    public int MaxTokens { get; set; } = 10_000;

    /// <summary>How many fields of a document may have another name than their own. Default 100.</summary>
    public int MaxAliases { get; set; } = 100;

    /// <summary>How many texts are remembered that clients name by their hash; 0 remembers none. Default 1,000.</summary>
    public int MaxPersistedOperations { get; set; } = 1000;

    /// <summary>Whether the schema may be asked for its types. Default true. The playground needs it.</summary>
    public bool Introspection { get; set; } = true;

    /// <summary>How many parsed documents are kept; 0 keeps none. Default 500.</summary>
    public int MaxCachedDocuments { get; set; } = 500;

    /// <summary>A WebSocket without <c>connection_init</c> is closed after this time. Default 10 s.</summary>
    public TimeSpan ConnectionInitTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often an idle stream (WebSocket or events) shows that it is alive. Default 15 s.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a client may take to answer our close before its connection is cut. Default 1 s.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(1);
}
