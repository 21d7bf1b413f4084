namespace DeployCard.Bench.GraphQL;

/// <summary>An operation that is measured.</summary>
/// <param name="Name">Its path at the peer.</param>
/// <param name="Title">What the tables call it.</param>
/// <param name="Query">Its text.</param>
/// <param name="Variables">Its variables.</param>
/// <param name="Bar">The least share of the peer's requests/s; null for none.</param>
internal sealed record Operation(string Name, string Title, string Query, object Variables, double? Bar)
{
    public static IReadOnlyList<Operation> All { get; } =
    [
        new(
            "one",
            "One deployment with 10 fields",
            "query One($name: String!) { deployment(name: $name) { id name title status createdAt updatedAt image url desiredPods createdBy } }",
            new { name = "d000" },
            0.35
        ),
        new(
            "page",
            "A page of 50 deployments with 8 fields",
            "query Page($first: Int!) { deployments(first: $first) { nodes { id name title status createdAt updatedAt image url } pageInfo { hasNextPage endCursor } } }",
            new { first = 50 },
            null
        ),
    ];
}
