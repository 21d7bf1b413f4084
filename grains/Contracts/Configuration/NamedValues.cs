using System.Text.Json;
using System.Text.Json.Serialization;
using DeployCard.Common.Collections;

namespace DeployCard.Contracts.Configuration;

/// <summary>An environment variable of the serving script.</summary>
/// <param name="Name">Name of the variable: A-Z, a-z, 0-9 and _, not starting with a digit.</param>
/// <param name="Value">Value of the variable, at most 32,768 characters.</param>
[GenerateSerializer, Alias("environment-variable"), Immutable]
public sealed record EnvironmentVariable([property: Id(0)] string Name, [property: Id(1)] string Value);

/// <summary>A label of a deployment.</summary>
/// <param name="Key">
/// Key of the label: 1 to 63 letters, digits, hyphens, underscores and dots, with an optional DNS name and a slash before it.
/// </param>
/// <param name="Value">Value of the label, at most 63 letters, digits, hyphens, underscores and dots; may be empty.</param>
[GenerateSerializer, Alias("label"), Immutable]
public sealed record Label([property: Id(0)] string Key, [property: Id(1)] string Value);

/// <summary>Stores named values as one JSON object, for example <c>{"MODEL": "large"}</c>.</summary>
internal abstract class NamedValuesConverter<T>(Func<string, string, T> create, Func<T, (string Name, string Value)> read)
    : JsonConverter<ValueList<T>>
{
    public override ValueList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        [
            .. JsonSerializer
                .Deserialize<Dictionary<string, string>>(ref reader, options)!
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => create(pair.Key, pair.Value)),
        ];

    public override void Write(Utf8JsonWriter writer, ValueList<T> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value.Select(read))
            writer.WriteString(name, text);
        writer.WriteEndObject();
    }
}

internal sealed class EnvironmentConverter()
    : NamedValuesConverter<EnvironmentVariable>((name, value) => new(name, value), variable => (variable.Name, variable.Value));

internal sealed class LabelsConverter() : NamedValuesConverter<Label>((key, value) => new(key, value), label => (label.Key, label.Value));
