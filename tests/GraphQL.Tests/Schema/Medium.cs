namespace DeployCard.GraphQL.Tests.Schema;

/// <summary>A medium for reading, the base of several types.</summary>
[InterfaceType]
public abstract record Medium(string Name);

public sealed record Paper(string Name, int Pages) : Medium(Name);

public sealed record Screen(string Name, bool Lit) : Medium(Name);

[QueryType]
public static class MediumQueries
{
    public static IReadOnlyList<Medium> Media() => [new Paper("a book", 300), new Screen("a reader", true)];
}
