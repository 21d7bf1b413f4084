using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>Cache of parsed and validated documents, by their text.</summary>
internal sealed class DocumentCache(int capacity)
{
    // Longer texts are usually generated for one request; caching them costs more than parsing them.
    private const int MaxCachedLength = 20_000;

    private readonly BoundedCache<KnownDocument> documents = new(capacity);

    public KnownDocument? Find(string query) => documents.Find(query);

    public async ValueTask Add(string query, GraphQLDocument document)
    {
        if (query.Length <= MaxCachedLength)
            documents.Add(query, new(document, IsWithinLimits: !await VariableLimitAnalyzer.DependsOnVariables(document)));
    }
}

/// <summary>A document that passed validation.</summary>
/// <param name="Document">The parsed document of the operation.</param>
/// <param name="IsWithinLimits">Whether the document is within the limits for all values of its variables.</param>
internal sealed record KnownDocument(GraphQLDocument Document, bool IsWithinLimits);
