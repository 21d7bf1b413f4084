using System.Text.Json;
using DeployCard.Common.Collections;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Contracts.Routing;

namespace DeployCard.Grains.Tests.Collections;

public sealed class ValueListTests
{
    private sealed record Box(ValueList<string> Items);

    [Fact]
    public void Records_with_equal_elements_are_equal()
    {
        new Box(["a", "b"]).ShouldBe(new(["a", "b"]));
        new Box(["a", "b"]).GetHashCode().ShouldBe(new Box(["a", "b"]).GetHashCode());
        new Box(["a", "b"]).ShouldNotBe(new(["b", "a"]));
        new Box(["a"]).ShouldNotBe(new(["a", "a"]));
        new Box([]).ShouldBe(new(ValueList<string>.Empty));
    }

    [Fact]
    public void List_is_a_JSON_array()
    {
        JsonSerializer.Serialize(new Box(["a", "b"])).ShouldBe("""{"Items":["a","b"]}""");
        JsonSerializer.Deserialize<Box>("""{"Items":["a","b"]}""").ShouldBe(new(["a", "b"]));
        JsonSerializer.Deserialize<Box>("""{"Items":[]}""")!.Items.ShouldBeSameAs(ValueList<string>.Empty);
    }

    /// <summary>Streams skip a state that equals the previous one, so its lists must compare by value at every depth.</summary>
    [Theory]
    [InlineData(typeof(CallView))]
    [InlineData(typeof(DeploymentView))]
    [InlineData(typeof(FiringAlerts))]
    [InlineData(typeof(MonitorView))]
    [InlineData(typeof(Route))]
    public void Streamed_states_contain_no_collection_that_compares_by_reference(Type state) =>
        Types(state, []).Where(IsComparedByReference).Select(type => type.Name).ShouldBeEmpty();

    private static HashSet<Type> Types(Type type, HashSet<Type> found)
    {
        if (!found.Add(type))
            return found;
        foreach (var argument in type.GetGenericArguments())
            Types(argument, found);
        if (type.Namespace?.StartsWith("DeployCard.Contracts", StringComparison.Ordinal) is true && !type.IsEnum)
        {
            foreach (var property in type.GetProperties().Where(property => property.GetIndexParameters().Length == 0))
                Types(property.PropertyType, found);
        }

        return found;
    }

    private static bool IsComparedByReference(Type type) =>
        type != typeof(string)
        && typeof(System.Collections.IEnumerable).IsAssignableFrom(type)
        && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>));
}
