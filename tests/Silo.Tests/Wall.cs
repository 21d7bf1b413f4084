using System.Reflection;
using NetArchTest.Rules;

namespace DeployCard.Silo.Tests;

/// <summary>Something that only some places of the product may use: namespaces or types, by the beginning of their full names.</summary>
internal sealed record Wall(params string[] Uses)
{
    private static readonly Assembly[] Product =
    [
        typeof(Grains.GrainServices).Assembly,
        typeof(GraphQL.CardOptions).Assembly,
        typeof(Silo.Gateway.DeploymentGate).Assembly,
    ];

    /// <summary>The types in our sources that use it, each by its outermost type; what Orleans generates is left out.</summary>
    public IReadOnlyList<string> Users(params Assembly[] assemblies) =>
        [
            .. Types
                .InAssemblies(assemblies.Length == 0 ? Product : assemblies)
                .That()
                .HaveDependencyOnAny(Uses)
                .GetTypes()
                .Select(Outermost)
                .Where(type => !type.Namespace!.StartsWith("OrleansCodeGen", StringComparison.Ordinal))
                .Select(type => type.FullName!)
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Nobody but the allowed ones uses it, and they do: a rule that matches nothing would be no rule.</summary>
    public void Holds(params string[] allowed)
    {
        var users = Users();
        users
            .Where(user => !allowed.Any(place => Matches(user, place)))
            .ShouldBeEmpty($"only {string.Join(", ", allowed)} may use {string.Join(", ", Uses)}");
        foreach (var place in allowed)
            users.ShouldContain(
                user => Matches(user, place),
                $"{place} is allowed to use {string.Join(", ", Uses)} and does not: take it out of the rule"
            );
    }

    /// <summary>A place is a namespace with all below it (<c>A.B.</c>), or the end of a type's name (<c>*Store</c>).</summary>
    private static bool Matches(string user, string place) =>
        place.StartsWith('*')
            ? user.EndsWith(place[1..], StringComparison.Ordinal)
            : user.StartsWith("DeployCard." + place, StringComparison.Ordinal);

    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type;
    }
}
