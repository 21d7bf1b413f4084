using System.Text.Json;
using System.Text.RegularExpressions;
using DeployCard.Common.Text;
using DeployCard.Contracts.Configuration;

namespace DeployCard.LocalProcess.Images;

/// <summary>
/// Reads and validates the fields of one JSON object. An invalid field is added to <paramref name="errors"/>, with the allowed and the
/// given value, and is then treated as absent.
/// </summary>
internal sealed class ManifestReader(JsonElement json, string path, List<string> errors)
{
    private const int MaxGivenLength = 60;

    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    public string? ReadText(string name, int maxLength, Regex? pattern = null, string allowed = "a string")
    {
        if (Find(name) is not { } value)
            return null;

        var fits =
            value.ValueKind == JsonValueKind.String
            && value.GetString()!.Length <= maxLength
            && (pattern?.IsMatch(value.GetString()!) ?? true);
        return fits ? value.GetString() : ReportInvalid<string>(name, $"{allowed}, at most {maxLength} characters", value);
    }

    /// <summary>Reads a value that <paramref name="parse"/> understands and that meets a rule; null if it is absent or invalid.</summary>
    public object? ReadValue(string name, FieldRuleAttribute rule, Func<JsonElement, object?> parse)
    {
        if (Find(name) is not { } value)
            return null;

        if (parse(value) is not { } parsed)
            return ReportInvalid<object>(name, $"{Describe(rule.Kind)}: {rule.Allowed}", value);

        var problems = rule.Check(parsed).ToList();
        foreach (var problem in problems)
            ReportInvalid(name, problem.Allowed, problem.Given);

        return problems.Count == 0 ? parsed : null;
    }

    public IReadOnlyList<string>? ReadCommand(string name)
    {
        if (Find(name) is not { } value)
            return null;

        const string Meaning =
            "a list of 1 to 64 strings without NUL, each at most 4096 characters; the first is a program that does not start with '-'";
        return IsCommand(value)
            ? [.. value.EnumerateArray().Select(word => word.GetString()!)]
            : ReportInvalid<IReadOnlyList<string>>(name, Meaning, value);
    }

    public IReadOnlyDictionary<string, string>? ReadTextMap(string name, int max, int maxLength, Func<string, string, string?> problem)
    {
        if (Find(name) is not { } value)
            return null;

        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() > max)
            return ReportInvalid<IReadOnlyDictionary<string, string>>(name, $"an object with at most {max} string fields", value);

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        var fields = new ManifestReader(value, $"{path}{name}.", errors);
        foreach (var entry in value.EnumerateObject())
        {
            var text = fields.ReadText(entry.Name, maxLength);
            if (text is not null && problem(entry.Name, text) is { } allowed)
                fields.ReportInvalid(entry.Name, allowed, text);

            map[entry.Name] = text ?? "";
        }

        return map;
    }

    public T? ReadObject<T>(string name, Func<ManifestReader, T> read)
        where T : class => Find(name) is { } value ? Nested(value, name, read) : null;

    public IReadOnlyList<T> ReadObjects<T>(string name, int max, Func<ManifestReader, T> read)
        where T : class
    {
        if (Find(name) is not { } value)
            return [];

        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= max
            ? [.. value.EnumerateArray().Select((item, index) => Nested(item, $"{name}[{index}]", read)).OfType<T>()]
            : ReportInvalid<IReadOnlyList<T>>(name, $"a list of at most {max} objects", value) ?? [];
    }

    public T ReportMissing<T>(string name, string allowed, T fallback)
    {
        // An invalid field was reported already.
        if (Find(name) is null)
            errors.Add($"the field '{path}{name}' is missing: {allowed}");

        return fallback;
    }

    public void ReportInvalid(string name, string allowed, string given) =>
        errors.Add($"the field '{path}{name}' must be {allowed}, not {DisplayText.Shorten(given, MaxGivenLength)}");

    public void ReportUnknown()
    {
        if (json.ValueKind != JsonValueKind.Object)
            return;

        foreach (var field in json.EnumerateObject().Where(field => !known.Contains(field.Name)))
        {
            var given = DisplayText.Shorten(field.Name, MaxGivenLength);
            errors.Add($"the field '{path}{given}' is unknown; the known fields are {string.Join(", ", known)}");
        }
    }

    private T? Nested<T>(JsonElement value, string name, Func<ManifestReader, T> read)
        where T : class
    {
        if (value.ValueKind != JsonValueKind.Object)
            return ReportInvalid<T>(name, "an object", value);

        var fields = new ManifestReader(value, $"{path}{name}.", errors);
        var result = read(fields);
        fields.ReportUnknown();
        return result;
    }

    private JsonElement? Find(string name)
    {
        known.Add(name);
        return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
    }

    private T? ReportInvalid<T>(string name, string allowed, JsonElement given)
        where T : class
    {
        ReportInvalid(name, allowed, given.GetRawText());
        return null;
    }

    private static string Describe(FieldKind kind) =>
        kind switch
        {
            FieldKind.WholeNumber or FieldKind.Bytes => "a whole number",
            FieldKind.Number => "a number",
            FieldKind.Duration => "a whole number of seconds",
            FieldKind.TextList => "a list of strings",
            FieldKind.NameValueList => "an object with string fields",
            _ => "a string",
        };

    private static bool IsCommand(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
        && value.GetArrayLength() is > 0 and <= 64
        && value
            .EnumerateArray()
            .All(word => word.ValueKind == JsonValueKind.String && word.GetString()!.Length <= 4096 && !word.GetString()!.Contains('\0'))
        && value[0].GetString() is { Length: > 0 } program
        && program[0] != '-';
}
