using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DeployCard.Common.Text;

/// <summary>
/// Converts enum values to and from their stored text: <c>HealthTimeout</c> is <c>HEALTH_TIMEOUT</c>, or the name that
/// <see cref="JsonStringEnumMemberNameAttribute"/> gives the value.
/// </summary>
public static class EnumText<T>
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> Texts = Enum.GetValues<T>().ToDictionary(value => value, Convert);
    private static readonly Dictionary<string, T> Values = Texts.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>Returns the stored text of a value.</summary>
    public static string ToText(T value) => Texts[value];

    /// <summary>Returns the value of a stored text.</summary>
    /// <exception cref="KeyNotFoundException">The text is not that of a value.</exception>
    public static T Parse(string text) => Values[text];

    private static string Convert(T value) =>
        typeof(T).GetField(value.ToString())?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
        ?? JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());
}
