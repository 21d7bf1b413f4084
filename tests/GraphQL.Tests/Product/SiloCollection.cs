namespace DeployCard.GraphQL.Tests.Product;

/// <summary>Tests with silos, one after the other and beside no others: they count what is open, and the memory, of the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SiloCollection
{
    public const string Name = "silos";
}
