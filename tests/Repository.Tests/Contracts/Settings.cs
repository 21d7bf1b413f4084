using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Reflection;
using DeployCard.Tests.Support;

namespace DeployCard.Repository.Tests.Contracts;

/// <summary>A setting, as the options classes define it.</summary>
/// <param name="Options">The options class.</param>
/// <param name="Section">The section, such as <c>Gateway</c>.</param>
/// <param name="Name">The full name, such as <c>Gateway:MaxHeaderCount</c>.</param>
/// <param name="Type">The kind of value in the words of the documentation.</param>
/// <param name="Range">The accepted values; empty if every value of the type is accepted.</param>
/// <param name="Default">The value if the setting is absent; empty if there is no default.</param>
/// <param name="Description">The summary of the property.</param>
internal sealed record Setting(Type Options, string Section, string Name, string Type, string Range, string Default, string Description);

/// <summary>All settings of the product, read from its options classes.</summary>
internal static class Settings
{
    /// <summary>Settings that choose which options apply, and therefore belong to no options class.</summary>
    private static readonly string[] WithoutOptions = ["Storage:Provider", "Pods:Runtime"];

    /// <summary>The settings, by section and in the order of their declaration.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        .. ProductAssemblies
            .All.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(OfClass)
            .OrderBy(setting => setting.Section, StringComparer.Ordinal),
    ];

    /// <summary>Whether a name is that of a setting, of an element of a list or of a whole list.</summary>
    public static bool IsKnown(string name)
    {
        var general = string.Join(
            ':',
            name.Split(':').Select(part => int.TryParse(part, CultureInfo.InvariantCulture, out _) ? "0" : part)
        );
        return WithoutOptions.Contains(general, StringComparer.OrdinalIgnoreCase)
            || All.Any(setting =>
                setting.Name.Equals(general, StringComparison.OrdinalIgnoreCase)
                || setting.Name.StartsWith(general + ":", StringComparison.OrdinalIgnoreCase)
                || (
                    setting.Name.Contains('<')
                    && general.StartsWith(setting.Name[..setting.Name.IndexOf('<')], StringComparison.OrdinalIgnoreCase)
                )
            );
    }

    private static IEnumerable<Setting> OfClass(Type type) =>
        type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() is string section
        && type is { IsClass: true }
            ? OfType(type, section, section, type, Activator.CreateInstance(type, nonPublic: true)!)
            : [];

    private static IEnumerable<Setting> OfType(Type options, string section, string prefix, Type type, object instance)
    {
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true } || IsCollection(property)))
        {
            var (name, value) = ($"{prefix}:{property.Name}", property.GetValue(instance));
            var element = Element(property.PropertyType);
            if (element is not null && IsComplex(element))
            {
                foreach (var nested in OfType(options, section, $"{name}:0", element, Activator.CreateInstance(element)!))
                    yield return nested;
                continue;
            }

            var full =
                element is null ? name
                : property.PropertyType.GetGenericTypeDefinition() == typeof(IDictionary<,>) ? $"{name}:<name>"
                : $"{name}:0";
            yield return new(
                options,
                section,
                full,
                TypeName(element ?? property.PropertyType),
                Range(property),
                Default(property, value),
                XmlDocs.Summary(property)
            );
        }
    }

    private static bool IsCollection(PropertyInfo property) => Element(property.PropertyType) is not null;

    private static bool IsComplex(Type type) =>
        type is { IsClass: true } && ProductAssemblies.All.Contains(type.Assembly) && type.GetConstructor(Type.EmptyTypes) is not null;

    /// <summary>The type of the elements of a list, or of the values of a dictionary; null for all other types.</summary>
    private static Type? Element(Type type) =>
        type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType ? type.GetGenericArguments()[^1] : null;

    private static string TypeName(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(name => $"`{name}`"))
            : type == typeof(bool) ? "`true`, `false`"
            : type == typeof(TimeSpan) ? "duration"
            : type == typeof(int) || type == typeof(long) ? "integer"
            : type == typeof(double) ? "number"
            : type == typeof(Uri) ? "URL"
            : type == typeof(IPAddress) ? "IP address"
            : "text";
    }

    private static string Range(PropertyInfo property)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
            return Range(property, range);
        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
            return string.Join(", ", allowed.Values.Select(value => value is "" ? "empty" : $"`{value}`"));
        if (property.GetCustomAttribute<StringLengthAttribute>() is { } length)
            return length.MinimumLength == 0
                ? $"at most {length.MaximumLength:N0} characters"
                : $"{length.MinimumLength} – {length.MaximumLength:N0} characters";
        return property.GetCustomAttribute<RequiredAttribute>() is not null ? "not empty" : "";
    }

    private static string Range(PropertyInfo property, RangeAttribute range)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        // The attribute converts each value to the type of its bounds, which rounds a double to an int and fails for a large long.
        if (range.OperandType != type && !(type == typeof(long) && range.OperandType == typeof(double)))
            throw new InvalidOperationException($"The range of {property.DeclaringType}.{property.Name} must have bounds of type {type}.");
        var minimum = Value(property, Bound(range, range.Minimum));
        return range.Maximum is int.MaxValue ? $"at least {minimum}" : $"{minimum} – {Value(property, Bound(range, range.Maximum))}";
    }

    private static object Bound(RangeAttribute range, object bound) =>
        range.OperandType == typeof(TimeSpan) && bound is string text ? TimeSpan.Parse(text, CultureInfo.InvariantCulture) : bound;

    private static string Default(PropertyInfo property, object? value) =>
        (value ?? property.GetCustomAttribute<DefaultValueAttribute>()?.Value) switch
        {
            null => "",
            string { Length: 0 } => "",
            IEnumerable and not string => "",
            var shown => Value(property, shown),
        };

    private static string Value(PropertyInfo property, object value) =>
        value switch
        {
            TimeSpan time => Readable.Duration(time),
            bool flag => flag ? "`true`" : "`false`",
            Enum choice => $"`{choice}`",
            int or long when property.Name.EndsWith("Port", StringComparison.Ordinal) => $"{value}",
            IConvertible number and (int or long or double) when property.Name.Contains("Bytes", StringComparison.Ordinal) =>
                Readable.Bytes(Convert.ToDouble(number, CultureInfo.InvariantCulture)),
            int or long => string.Format(CultureInfo.InvariantCulture, "{0:N0}", value),
            double number => number.ToString("#,0.###", CultureInfo.InvariantCulture),
            _ => $"`{value}`",
        };
}
