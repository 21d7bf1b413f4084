using System.Text.Json;
using System.Text.RegularExpressions;

namespace DeployCard.Grains.Runtimes.LocalProcess.Images;

/// <summary>
/// The fields of one JSON object, each read within its bounds. What is wrong is added to <paramref name="errors"/>: which field, what is allowed,
/// what was given; the field then counts as absent.
/// </summary>
internal sealed class ManifestFields(JsonElement json, string path, List<string> errors)
{
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    public string? Text(string name, int longest, Regex? form = null, string meaning = "text")
    {
        if (Find(name) is not { } value)
            return null;

        var fits =
            value.ValueKind == JsonValueKind.String && value.GetString()!.Length <= longest && (form?.IsMatch(value.GetString()!) ?? true);
        return fits ? value.GetString() : Wrong<string>(name, $"{meaning}, at most {longest} characters", value);
    }

    public int? Whole(string name, int least, int most)
    {
        if (Find(name) is not { } value)
            return null;

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
            return number;

        Wrong<string>(name, $"a whole number from {least} to {most}", value);
        return null;
    }

    public IReadOnlyList<string>? Command(string name)
    {
        if (Find(name) is not { } value)
            return null;

        const string Meaning =
            "a list of 1 to 64 texts, each at most 4096 characters and without NUL; the first is a program, not empty and with no '-' first";
        return IsCommand(value)
            ? [.. value.EnumerateArray().Select(word => word.GetString()!)]
            : Wrong<IReadOnlyList<string>>(name, Meaning, value);
    }

    public IReadOnlyDictionary<string, string>? TextMap(string name, int most, int longest, Func<string, string, string?> problem)
    {
        if (Find(name) is not { } value)
            return null;

        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() > most)
            return Wrong<IReadOnlyDictionary<string, string>>(name, $"an object of at most {most} texts", value);

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        var fields = new ManifestFields(value, $"{path}{name}.", errors);
        foreach (var entry in value.EnumerateObject())
        {
            var text = fields.Text(entry.Name, longest);
            if (text is not null && problem(entry.Name, text) is { } allowed)
                fields.Wrong(entry.Name, allowed, text);

            map[entry.Name] = text ?? "";
        }

        return map;
    }

    public T? Object<T>(string name, Func<ManifestFields, T> read)
        where T : class => Find(name) is { } value ? Nested(value, name, read) : null;

    public IReadOnlyList<T> Objects<T>(string name, int most, Func<ManifestFields, T> read)
        where T : class
    {
        if (Find(name) is not { } value)
            return [];

        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= most
            ? [.. value.EnumerateArray().Select((item, index) => Nested(item, $"{name}[{index}]", read)).OfType<T>()]
            : Wrong<IReadOnlyList<T>>(name, $"a list of at most {most} objects", value) ?? [];
    }

    public T Missing<T>(string name, string meaning, T instead)
    {
        // A field that is there but wrong was told already.
        if (Find(name) is null)
            errors.Add($"the field '{path}{name}' is missing: {meaning}");

        return instead;
    }

    public void Wrong(string name, string allowed, string given) =>
        errors.Add($"the field '{path}{name}' must be {allowed}, not {Shorten(given)}");

    public void RefuseUnknown()
    {
        if (json.ValueKind != JsonValueKind.Object)
            return;

        foreach (var field in json.EnumerateObject().Where(field => !known.Contains(field.Name)))
            errors.Add($"the field '{path}{Shorten(field.Name)}' is unknown; known are {string.Join(", ", known)}");
    }

    private T? Nested<T>(JsonElement value, string name, Func<ManifestFields, T> read)
        where T : class
    {
        if (value.ValueKind != JsonValueKind.Object)
            return Wrong<T>(name, "an object", value);

        var fields = new ManifestFields(value, $"{path}{name}.", errors);
        var result = read(fields);
        fields.RefuseUnknown();
        return result;
    }

    private JsonElement? Find(string name)
    {
        known.Add(name);
        return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
    }

    private T? Wrong<T>(string name, string allowed, JsonElement given)
        where T : class
    {
        Wrong(name, allowed, given.GetRawText());
        return null;
    }

    private static bool IsCommand(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
        && value.GetArrayLength() is > 0 and <= 64
        && value
            .EnumerateArray()
            .All(word => word.ValueKind == JsonValueKind.String && word.GetString()!.Length <= 4096 && !word.GetString()!.Contains('\0'))
        && value[0].GetString() is { Length: > 0 } program
        && program[0] != '-';

    private static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..60]}…";
}
