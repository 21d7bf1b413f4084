namespace DeployCard.GraphQL.Tests.Product;

/// <summary>
/// Tests with silos. They run one at a time and not in parallel with other tests, because they measure streams and memory of the whole
/// process.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SiloCollection
{
    public const string Name = "silos";
}
