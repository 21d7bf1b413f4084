using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DeployCard.Common.Collections;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Storage.Sql;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Storage;

/// <summary>Checks the names and values of the stored JSON, which must not change when C# members are renamed.</summary>
public sealed class StoredStateTests
{
    [Fact]
    public void Stored_names_and_values_do_not_change()
    {
        var resolver = new DefaultJsonTypeInfoResolver();
        var options = new JsonSerializerOptions(JsonStateSerializer.Options) { TypeInfoResolver = resolver };
        var text = new StringBuilder();
        foreach (var (name, type) in States())
            Append(text, options, name, type);
        Append(text, options, "alerts", typeof(StoredAlerts));
        Append(text, new JsonSerializerOptions { TypeInfoResolver = resolver }, "log block", typeof(LogLine));

        Snapshot.ShouldMatch(
            "tests/Grains.Tests/Storage/stored-state.snapshot.txt",
            text.ToString(),
            "Databases of earlier versions contain these names: "
                + "a renamed member keeps its stored name with JsonPropertyName or JsonStringEnumMemberName."
        );
    }

    private static IEnumerable<(string Name, Type Type)> States() =>
        from assembly in ProductAssemblies.All
        from type in assembly.GetTypes()
        where typeof(Grain).IsAssignableFrom(type)
        from parameter in type.GetConstructors().SelectMany(constructor => constructor.GetParameters())
        let attribute = parameter.GetCustomAttribute<PersistentStateAttribute>()
        where attribute is not null
        orderby attribute.StateName
        select (attribute.StateName, parameter.ParameterType.GetGenericArguments()[0]);

    private static void Append(StringBuilder text, JsonSerializerOptions options, string path, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var info = options.GetTypeInfo(type);
        if (type.IsEnum)
        {
            var values = Enum.GetValues(type).Cast<object>().Select(value => JsonSerializer.Serialize(value, type, options));
            text.Append(path).Append(": ").AppendJoin(" | ", values).Append('\n');
        }
        else if (info.Kind is JsonTypeInfoKind.Object)
        {
            foreach (
                var property in info
                    .Properties.Where(property => property.Get is not null)
                    .OrderBy(property => property.Name, StringComparer.Ordinal)
            )
                Append(text, options, $"{path}.{property.Name}", property.PropertyType);
        }
        else if (info.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary)
            Append(text, options, $"{path}{(info.Kind is JsonTypeInfoKind.Enumerable ? "[]" : "{}")}", info.ElementType!);
        // These two types have custom converters, so the serializer does not describe them.
        else if (type == typeof(ValueList<EnvironmentVariable>) || type == typeof(ValueList<Label>))
            Append(text, options, $"{path}{{}}", typeof(string));
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>))
            Append(text, options, $"{path}[]", type.GetGenericArguments()[0]);
        else
            text.Append(path).Append(": ").Append(type.IsPrimitive || type == typeof(string) ? type.Name : "text").Append('\n');
    }
}
