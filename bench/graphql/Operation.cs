namespace DeployCard.Bench.GraphQL;

/// <summary>A GraphQL operation that is measured.</summary>
/// <param name="Name">Path of the operation at the peer, and prefix of its files.</param>
/// <param name="Title">Title in the report.</param>
/// <param name="Query">Document of the operation.</param>
/// <param name="Variables">Variables of the operation, serialized as JSON.</param>
/// <param name="MinRatio">Minimum requests/s relative to the peer; null if there is no target value.</param>
internal sealed record Operation(string Name, string Title, string Query, object Variables, double? MinRatio)
{
    /// <summary>All operations, in the order in which they are measured.</summary>
    public static IReadOnlyList<Operation> All { get; } =
    [
        new(
            "one",
            "One deployment with 10 fields",
            "query One($name: String!) { deployment(name: $name) { "
                + "id name title status createdAt updatedAt image url desiredPods createdBy } }",
            new { name = "d000" },
            0.35
        ),
        new(
            "page",
            "A page of 50 deployments with 8 fields",
            "query Page($first: Int!) { deployments(first: $first) { "
                + "nodes { id name title status createdAt updatedAt image url } pageInfo { hasNextPage endCursor } } }",
            new { first = 50 },
            null
        ),
    ];
}
