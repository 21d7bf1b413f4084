using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>Documents that have been parsed and found valid, by their text.</summary>
internal sealed class DocumentCache(int capacity)
{
    // Longer texts are written by programs, one for each call: keeping them costs more than parsing them.
    private const int LongestKept = 20_000;

    private readonly BoundedCache<KnownDocument> documents = new(capacity);

    public KnownDocument? Find(string query) => documents.Find(query);

    public async ValueTask Add(string query, GraphQLDocument document)
    {
        if (query.Length <= LongestKept)
            documents.Add(query, new(document, IsWithinLimits: !await LimitDependence.OnVariables(document)));
    }
}

/// <summary>A document that was found valid.</summary>
/// <param name="Document">The document.</param>
/// <param name="IsWithinLimits">Whether it is within the limits whatever its variables are.</param>
internal sealed record KnownDocument(GraphQLDocument Document, bool IsWithinLimits);
