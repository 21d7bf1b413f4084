using System.Reflection;
using DeployCard.Common.Collections;
using DeployCard.GraphQL.Engine.Errors;
using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Types;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>
/// Applies the engine's annotations to the library's types. The library calls this global attribute for every type, member and parameter.
/// </summary>
internal sealed class AnnotationAdapter : GraphQLAttribute
{
    private static readonly AnnotationAdapter Instance = new();

    /// <summary>
    /// Registers the attribute and enables descriptions from XML documentation. Both settings are process-wide; calling this several times
    /// is safe.
    /// </summary>
    public static void Install()
    {
        lock (Instance)
        {
            GlobalSwitches.EnableReadDescriptionFromXmlDocumentation = true;
            if (!GlobalSwitches.GlobalAttributes.Contains(Instance))
                GlobalSwitches.GlobalAttributes.Add(Instance);
        }
    }

    /// <summary>
    /// Returns whether a member belongs to the schema. Static members are included only in resolver classes; elsewhere they are factories
    /// and constants.
    /// </summary>
    public override bool ShouldInclude(MemberInfo memberInfo, bool? isInputType) =>
        !memberInfo.IsDefined(typeof(GraphQLIgnoreAttribute), inherit: true)
        && (!IsStatic(memberInfo) || ResolverCatalog.IsResolver(memberInfo.DeclaringType!));

    public override void Modify(IGraphType graphType, Type sourceType)
    {
        graphType.Name =
            graphType is IInputObjectGraphType
                ? SchemaNames.GetInputName(sourceType, graphType.Name)
                : SchemaNames.GetName(sourceType, graphType.Name);
        if (graphType is not IImplementInterfaces implementer)
            return;
        foreach (var @interface in SchemaInterfaces.ImplementedBy(sourceType))
            implementer.Interfaces.Add(typeof(GraphQLClrOutputTypeReference<>).MakeGenericType(@interface));
    }

    public override void Modify(TypeInformation typeInformation)
    {
        var annotated = (ICustomAttributeProvider?)typeInformation.ParameterInfo ?? typeInformation.MemberInfo;
        if (annotated.IsDefined(typeof(IDAttribute), inherit: true))
            typeInformation.GraphType = typeof(IdGraphType);
        else if (typeInformation.Type is { IsGenericType: true } list && list.GetGenericTypeDefinition() == typeof(ValueList<>))
        {
            (typeInformation.IsList, typeInformation.ListIsNullable) = (true, typeInformation.IsNullable);
            (typeInformation.Type, typeInformation.IsNullable) = (list.GetGenericArguments()[0], false);
        }
        else if (PropertyResolver.IsText(typeInformation.Type))
            typeInformation.GraphType = typeof(StringGraphType);
    }

    public override void Modify(FieldType fieldType, bool isInputType, IGraphType graphType, MemberInfo memberInfo, ref bool ignore)
    {
        fieldType.Name = SchemaNames.GetName(memberInfo, fieldType.Name);
        fieldType.Description = AssemblyAnnotations.Describe(memberInfo, isInputType) ?? fieldType.Description;
        if (isInputType)
            fieldType.DefaultValue ??= DefaultOfRecord(memberInfo);
        else if (memberInfo is PropertyInfo property && graphType is IObjectGraphType)
            fieldType.Resolver = new PropertyResolver(property);
    }

    public override void Modify(QueryArgument queryArgument, ParameterInfo parameterInfo)
    {
        queryArgument.Name = SchemaNames.GetName(parameterInfo, queryArgument.Name);
        queryArgument.Validator += value => InputValidation.Check(parameterInfo, value);
    }

    private static bool IsStatic(MemberInfo member) => member is MethodInfo { IsStatic: true } or PropertyInfo { GetMethod.IsStatic: true };

    // The library ignores `record Input(int Priority = 5)`, because the default belongs to the constructor parameter, not to the property.
    private static object? DefaultOfRecord(MemberInfo member) =>
        member
            .DeclaringType!.GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .FirstOrDefault(parameter => parameter.Name == member.Name && parameter.HasDefaultValue)
            ?.DefaultValue;
}
