using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>Documents that have been parsed and found valid, by their text.</summary>
internal sealed class DocumentCache(int capacity)
{
    // Longer texts are written by programs, one for each call: keeping them costs more than parsing them.
    private const int LongestKept = 20_000;

    private readonly BoundedCache<GraphQLDocument> _documents = new(capacity);

    public GraphQLDocument? Find(string query) => _documents.Find(query);

    public void Add(string query, GraphQLDocument document)
    {
        if (query.Length <= LongestKept) _documents.Add(query, document);
    }
}
