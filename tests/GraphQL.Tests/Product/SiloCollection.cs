namespace DeployCard.GraphQL.Tests.Product;

/// <summary>Tests with silos, one after the other: they count what is open in the whole process.</summary>
[CollectionDefinition(Name)]
public sealed class SiloCollection
{
    public const string Name = "silos";
}
