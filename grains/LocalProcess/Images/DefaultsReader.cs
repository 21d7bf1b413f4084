using System.Text.Json;
using DeployCard.Contracts.Configuration;

namespace DeployCard.LocalProcess.Images;

/// <summary>
/// Reads the configuration that an <c>image.json</c> suggests. Every field of the configuration is allowed, under its name and by its rule;
/// the name of a duration ends in <c>Seconds</c>. The environment belongs to the image itself.
/// </summary>
internal static class DefaultsReader
{
    public static ConfigurationInput Read(ManifestReader fields)
    {
        var input = new ConfigurationInput();
        foreach (var field in ConfigurationField.All.Where(field => field.Rule is not EnvironmentRuleAttribute))
        {
            var name = field.Rule.Kind is FieldKind.Duration ? $"{field.Name}Seconds" : field.Name;
            if (fields.ReadValue(name, field.Rule, json => Parse(field, json)) is { } value)
                field.SetGiven(input, value);
        }

        return input;
    }

    private static object? Parse(ConfigurationField field, JsonElement json) =>
        field.Rule.Kind switch
        {
            FieldKind.WholeNumber => json.ValueKind is JsonValueKind.Number && json.TryGetInt32(out var number) ? number : null,
            FieldKind.Bytes => json.ValueKind is JsonValueKind.Number && json.TryGetInt64(out var bytes) ? bytes : null,
            FieldKind.Number => json.ValueKind is JsonValueKind.Number ? json.GetDouble() : null,
            FieldKind.Duration => json.ValueKind is JsonValueKind.Number && json.TryGetInt32(out var seconds)
                ? TimeSpan.FromSeconds(seconds)
                : null,
            FieldKind.TextList => json.ValueKind is JsonValueKind.Array && json.EnumerateArray().All(IsText)
                ? json.EnumerateArray().Select(item => item.GetString()!).ToList()
                : null,
            FieldKind.NameValueList => json.ValueKind is JsonValueKind.Object && json.EnumerateObject().All(item => IsText(item.Value))
                ? json.EnumerateObject().Select(item => new Label(item.Name, item.Value.GetString()!)).ToList()
                : null,
            _ => json.ValueKind is JsonValueKind.String ? json.GetString() : null,
        };

    private static bool IsText(JsonElement json) => json.ValueKind is JsonValueKind.String;
}
